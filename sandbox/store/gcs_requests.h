// gcs_requests.h: an object store as Google's speaks its XML API, as far as Snowflake's clients use one as their stage.
//
// Serves:  HEAD, GET with ranges, PUT, DELETE of /<bucket>/<object>, with a bearer token, or by an address that was signed for one object.
// Answers: 401 to a token that is none or is over [seen: clients renew on it]; 400 to an address that is over [seen], 403 to one that was
//          not signed here [doc]. Who may GET by an address may HEAD [src: one client asks so].
// Not:     the JSON API, which the JDBC driver uses; resumable uploads; the true form of Google's signature, which no client looks into.
#pragma once

#include <functional>

#include "sandbox/store/object_store.h"
#include "sandbox/store/signed_grants.h"
#include "sandbox/store/store_server.h"

namespace imednet::sandbox::store {

struct GcsOptions {
  std::string bucket;
  const SignedGrants* grants = nullptr;
  std::function<std::int64_t()> now_us;
  std::int64_t largest_object = kLargestObject;
};

// The query of an address for that method and object, good until then.
std::string gcs_signed_query(const SignedGrants& grants, const std::string& method, const std::string& key, std::int64_t expires_us);

class GcsRequests : public StoreRequests {
 public:
  GcsRequests(ObjectStore& store, GcsOptions options) : store_(store), options_(std::move(options)) {}

  void get(const httplib::Request& request, httplib::Response& response) override;
  void put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) override;
  void post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) override;
  void remove(const httplib::Request& request, httplib::Response& response) override;
  void refuse(const RequestFault& fault, const httplib::Request& request, httplib::Response& response) const override;

 private:
  std::optional<std::string> admitted(const httplib::Request& request, httplib::Response& response) const;

  ObjectStore& store_;
  GcsOptions options_;
};

}  // namespace imednet::sandbox::store
