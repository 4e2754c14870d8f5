// azure_requests.h: an object store as Azure's blob service speaks, as far as Snowflake's clients use one as their stage.
//
// Serves:  HEAD, GET with x-ms-range, PUT (a whole block blob, a block, a block list), DELETE of /<container>/<blob>, each with a shared
//          access signature for the container.
// Answers: 403 AuthenticationFailed, whose text tells what is over from what is not known [src: a client reads that text]; a missing blob
// is
//          404 BlobNotFound, also in x-ms-error-code [src].
// Not:     lists, page and append blobs, leases, the true form of Azure's signature, which no client looks into.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "sandbox/store/object_store.h"
#include "sandbox/store/signed_grants.h"
#include "sandbox/store/store_server.h"

namespace imednet::sandbox::store {

struct AzureOptions {
  std::string container;
  const SignedGrants* grants = nullptr;
  std::function<std::int64_t()> now_us;
  std::int64_t largest_object = kLargestObject;
};

// A shared access signature for the container, with its leading "?".
std::string azure_sas(const SignedGrants& grants, const std::string& container, std::int64_t expires_us);

class AzureRequests : public StoreRequests {
 public:
  AzureRequests(ObjectStore& store, AzureOptions options) : store_(store), options_(std::move(options)) {}

  void get(const httplib::Request& request, httplib::Response& response) override;
  void put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) override;
  void post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) override;
  void remove(const httplib::Request& request, httplib::Response& response) override;
  void refuse(const RequestFault& fault, const httplib::Request& request, httplib::Response& response) const override;

 private:
  std::optional<std::string> admitted(const httplib::Request& request, httplib::Response& response) const;
  void put_block(const std::string& key, const httplib::Request& request, httplib::Response& response, std::unique_ptr<Upload> block);
  void put_list(const std::string& key, const httplib::Request& request, httplib::Response& response, const std::string& xml);

  // Blocks of a blob that is not whole yet.
  struct Blocks {
    std::string upload;                                          // the store's id
    std::map<std::string, std::pair<int, std::string>> known{};  // block id -> number of the part, its MD5 in hex
  };
  // Of a blob that was made of blocks: the list that made it.
  struct Joined {
    std::string list;  // its SHA-256 in hex
    std::int64_t number = 0;
  };
  ObjectStore& store_;
  AzureOptions options_;
  std::mutex mutex_;
  std::map<std::string, Blocks> blocks_;
  std::map<std::string, Joined> joined_;
};

}  // namespace imednet::sandbox::store
