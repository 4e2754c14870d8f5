// transport.h: one HTTP exchange as a value in, a value out.
//
// Where it stands: api::Client → this → libcurl (curl_transport.h) or a test's script.
// Errors: any HTTP status is a Response. Only a broken exchange throws ApiError: timeout, unavailable (no connection),
//         protocol (cut or unreadable body), cancelled; BodyTooLarge when the caller's cap on the body was passed; any of these as
//         NotSent when nothing of the request went out. Messages say what happened, not to whom: the caller knows what it asked for.
// Promise: what is sent with another method than GET goes out at most once.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imednet/errors.h"
#include "imednet/secret.h"

namespace imednet::http {

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::vector<std::pair<std::string, Secret>> secret_headers{};
  std::string body{};                         // sent with a method other than GET
  std::chrono::milliseconds timeout{30'000};  // of the whole exchange
  std::chrono::milliseconds connect_timeout{10'000};
  // Once a body has begun, fewer bytes than this in any such time end the exchange: a byte a second is no answer.
  std::chrono::milliseconds stall_time{10'000};
  std::int64_t stall_bytes = 1'000;
  std::int64_t max_body_bytes = 64LL << 20;  // after decompression
  bool bypass_proxy = false;                 // for a peer on this machine
  bool takes_compressed = true;
};

struct Response {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};  // names in lower case
  std::string body{};                                          // decompressed
  std::string request_id{};                                    // the peer's own, empty when it sent none

  // The first header of that lower-case name; empty when absent.
  std::string_view header(std::string_view name) const;
};

class BodyTooLarge : public errors::ApiError {
 public:
  using ApiError::ApiError;
};

// Nothing of the request has left this machine.
class NotSent : public errors::ApiError {
 public:
  using ApiError::ApiError;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // May be called by several threads.
  virtual Response send(const Request& request, const std::stop_token& stop) = 0;
};

}  // namespace imednet::http
