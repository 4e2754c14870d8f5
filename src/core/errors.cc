#include "imednet/errors.h"

namespace imednet::errors {

std::string_view code_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::config:
      return "config";
    case ErrorCode::unauthenticated:
      return "unauthenticated";
    case ErrorCode::permission_denied:
      return "permission_denied";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::rate_limited:
      return "rate_limited";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::protocol:
      return "protocol";
    case ErrorCode::decode:
      return "decode";
    case ErrorCode::schema_mismatch:
      return "schema_mismatch";
    case ErrorCode::io:
      return "io";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::rejected:
      return "rejected";
    case ErrorCode::duplicates:
      return "duplicates";
    case ErrorCode::shrink:
      return "shrink";
    case ErrorCode::in_doubt:
      return "in_doubt";
    case ErrorCode::counts_differ:
      return "counts_differ";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace imednet::errors
