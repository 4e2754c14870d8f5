// s3_server.h: an object store over TLS as Amazon's S3 speaks it, as far as Snowflake's clients use one as their stage.
//
// Serves:  GET ?accelerate and ?prefix (lists, both versions), HEAD, GET, PUT and DELETE of an object, and uploads in parts; both forms of
//          address, /<bucket>/<key> and, where the bucket is a part of the host, /<key>. Each request must be signed (s3_signature.h).
// Checked: Content-MD5, x-amz-content-sha256, the length and the CRC32 of bodies in Amazon's chunked form; a body that does not fit leaves
// no object. Not:     signatures of single chunks, versions, ranges of lists, any other service of Amazon's. Source:  Amazon S3 API
// reference [doc]; what the clients sent [seen].
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sandbox/store/object_store.h"
#include "sandbox/store/s3_signature.h"
#include "sandbox/store/test_authority.h"

namespace imednet::sandbox::store {

struct S3ServerOptions {
  std::string bucket = "127";  // https://127.0.0.1:<port> is then the address of the bucket and of the server
  FindCredentials find_credentials;
  std::function<std::int64_t()> now_us;
  std::int64_t largest_object = std::int64_t{5} << 30;
  // Called before a request is carried out; what it gives back is the answer.
  std::function<std::optional<S3Fault>(const std::string& method, const std::string& key)> on_request{};
  int port = 0;  // 0: chosen by the system
};

class S3Server {
 public:
  S3Server(ObjectStore& store, const TestAuthority& authority, S3ServerOptions options);
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  int port() const;
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace imednet::sandbox::store
