// api_errors.h: an HTTP answer other than 200, and an error inside a 200, as ApiError. One table; each row has a test.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "http/transport.h"
#include "imednet/errors.h"

namespace imednet::api {

// What metadata.error holds; `value` is never repeated in a message.
struct ErrorEnvelope {
  std::string code, description, attribute, value{};
};

// What was asked for, as messages name it.
enum class Asking { reading, sending };

// "cannot read from iMednet", "cannot send to iMednet"
std::string_view failing(Asking asking);

// The beginning of a body that is no JSON, as people may see it; nothing of JSON, which may hold answers of subjects.
std::string excerpt_of(std::string_view body);

[[noreturn]] void throw_status(const http::Response& response, std::chrono::system_clock::time_point now, Asking asking = Asking::reading);

// The error as the class that its HTTP status and code stand for.
[[noreturn]] void throw_typed(const std::string& message, errors::ErrorDetail detail);

// HTTP said 200, the body says error.
[[noreturn]] void throw_error_in_success(const ErrorEnvelope& error);

// Retry-After as seconds or as an HTTP date; nothing for what is neither. Negative waits are zero.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now);

}  // namespace imednet::api
