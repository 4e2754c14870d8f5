// s3_requests.h: an object store as Amazon's S3 speaks, as far as Snowflake's clients use one as their stage.
//
// Serves:  GET ?accelerate and ?prefix (lists, both versions), HEAD, GET, PUT and DELETE of an object, and uploads in parts; both forms of
//          address, /<bucket>/<key> and, where the bucket is a part of the host, /<key>. Each request must be signed (s3_signature.h).
// Checked: Content-MD5, x-amz-content-sha256, the length and the CRC32 of bodies in Amazon's chunked form; a body that does not fit leaves
//          no object.
// Not:     signatures of single chunks, versions, ranges of lists, any other service of Amazon's.
// Source:  Amazon S3 API reference [doc]; what the clients sent [seen].
#pragma once

#include <functional>

#include "sandbox/store/object_store.h"
#include "sandbox/store/s3_signature.h"
#include "sandbox/store/store_server.h"

namespace imednet::sandbox::store {

struct S3Options {
  std::string bucket = "127";  // https://127.0.0.1:<port> is then the address of the bucket and of the server
  FindCredentials find_credentials;
  std::function<std::int64_t()> now_us;
  std::int64_t largest_object = kLargestObject;
};

class S3Requests : public StoreRequests {
 public:
  S3Requests(ObjectStore& store, S3Options options) : store_(store), options_(std::move(options)) {}

  void get(const httplib::Request& request, httplib::Response& response) override;
  void put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) override;
  void post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) override;
  void remove(const httplib::Request& request, httplib::Response& response) override;
  void refuse(const RequestFault& fault, const httplib::Request& request, httplib::Response& response) const override;

 private:
  // The key; nothing when the request was refused, and the response then says so.
  std::optional<std::string> admitted(const httplib::Request& request, httplib::Response& response) const;
  void list(const httplib::Request& request, httplib::Response& response) const;
  std::unique_ptr<Upload> receive(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader);
  void complete(const httplib::Request& request, httplib::Response& response, const std::string& body);

  ObjectStore& store_;
  S3Options options_;
};

}  // namespace imednet::sandbox::store
