// s3_signature.h: who signed a request, by Amazon's Signature Version 4. [doc: Amazon S3 API reference, "Authenticating requests"]
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace imednet::sandbox::store {

struct S3Credentials {
  std::string access_key_id, secret_key, session_token;
  std::int64_t expires_us = 0;
};

struct SignedRequest {
  std::string method;
  std::string target;                          // as sent: path and query, percent-encoded
  std::map<std::string, std::string> headers;  // names in lower case; several of one name joined by ","
};

// What Amazon calls the fault.
struct S3Fault {
  int status = 403;
  std::string code, message;
};

// Nothing: the request is signed with these credentials, and they are good now.
using FindCredentials = std::function<std::optional<S3Credentials>(const std::string& access_key_id)>;
std::optional<S3Fault> fault_of(const SignedRequest& request, const FindCredentials& find, std::int64_t now_us);

// For a request with the headers host, x-amz-date and x-amz-content-sha256: the value of its Authorization header. (Tests sign with it.)
std::string authorization_for(const SignedRequest& request, const S3Credentials& credentials, const std::string& region);

std::string percent_decoded(std::string_view text);
std::string percent_encoded(std::string_view text, bool keeps_slashes);

}  // namespace imednet::sandbox::store
