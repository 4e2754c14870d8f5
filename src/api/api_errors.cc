#include "api/api_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "api/envelope.h"
#include "core/redact.h"

namespace imednet::api {
namespace {

using errors::ErrorCode;
using errors::RetryClass;

struct StatusRow {
  int first, last;
  ErrorCode code;
  RetryClass retry;
  std::string_view text, hint;
};

constexpr std::array kStatusTable = {
    StatusRow{300, 399, ErrorCode::protocol, RetryClass::never, "the API answered with a redirect, which is not followed",
              "check IMEDNET_BASE_URL"},
    StatusRow{400, 400, ErrorCode::invalid_argument, RetryClass::never, "the API refused the request",
              "check what was asked for: the filter, the sort"},
    StatusRow{401, 401, ErrorCode::unauthenticated, RetryClass::never, "the API does not accept these keys",
              "check IMEDNET_API_KEY and IMEDNET_SECURITY_KEY"},
    StatusRow{403, 403, ErrorCode::permission_denied, RetryClass::never, "the API refused access",
              "check the study key; the API also answers 403 for a study these keys may not see"},
    StatusRow{404, 404, ErrorCode::not_found, RetryClass::never, "the API knows no such thing", "check the study key and IMEDNET_BASE_URL"},
    StatusRow{408, 408, ErrorCode::timeout, RetryClass::backoff, "the API gave up waiting", "run again later"},
    StatusRow{429, 429, ErrorCode::rate_limited, RetryClass::backoff, "the API asks to slow down",
              "run again later, or ask iMednet support for a higher limit"},
    StatusRow{500, 599, ErrorCode::unavailable, RetryClass::backoff, "the API has a fault", "run again later"},
};

std::string describe(const ErrorEnvelope& error) {
  std::string text;
  if (!error.code.empty()) text += fmt::format(", code {}", core::redact(error.code, 40));
  if (!error.attribute.empty()) text += fmt::format(", attribute {}", core::redact(error.attribute, 80));
  // The vendor's own words of known validation errors repeat the value that was sent.
  if (!error.description.empty() && error.code != "1000") text += fmt::format(": {}", core::redact(error.description, 200));
  return text;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now) {
  if (value.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  const auto end = value.data() + value.size();
  if (std::from_chars(value.data(), end, seconds).ptr != end) {
    std::tm date{};
    if (strptime(std::string(value).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) return std::nullopt;
    seconds = timegm(&date) - std::chrono::system_clock::to_time_t(now);
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 366LL * 24 * 3600));
}

std::string excerpt_of(std::string_view body) {
  constexpr std::size_t kMost = 200;
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || std::string_view("{[\"").find(body[start]) != std::string_view::npos) return {};
  return core::redact(body.substr(start), kMost);
}

std::string_view failing(Asking asking) { return asking == Asking::reading ? "cannot read from iMednet" : "cannot send to iMednet"; }

void throw_typed(const std::string& message, errors::ErrorDetail detail) {
  const int status = detail.origin.http_status;
  switch (detail.code) {
    case ErrorCode::invalid_argument:
      throw errors::BadRequestError(message, std::move(detail));
    case ErrorCode::unauthenticated:
      throw errors::UnauthorizedError(message, std::move(detail));
    case ErrorCode::permission_denied:
      throw errors::ForbiddenError(message, std::move(detail));
    case ErrorCode::not_found:
      throw errors::NotFoundError(message, std::move(detail));
    case ErrorCode::rate_limited:
      throw errors::RateLimitError(message, std::move(detail));
    case ErrorCode::unavailable:
      if (status > 0) throw errors::ServerError(message, std::move(detail));
      [[fallthrough]];
    default:
      throw errors::ApiError(message, std::move(detail));
  }
}

void throw_status(const http::Response& response, std::chrono::system_clock::time_point now, Asking asking) {
  errors::ErrorDetail detail{
      .code = ErrorCode::protocol, .hint = "check IMEDNET_BASE_URL", .origin = {.system = "imednet", .http_status = response.status}};
  std::string_view text = "the API gave an unexpected answer";
  for (const StatusRow& row : kStatusTable) {
    if (response.status < row.first || response.status > row.last) continue;
    detail.code = row.code;
    detail.retry = row.retry;
    detail.hint = row.hint;
    text = row.text;
  }
  const ErrorEnvelope error = read_error(response.body);
  detail.origin.vendor_code = core::redact(error.code, 40);
  detail.origin.request_id = response.request_id;
  detail.origin.attribute = core::redact(error.attribute, 80);
  detail.origin.value = error.value;
  detail.origin.body = excerpt_of(response.body);
  if (asking == Asking::sending && detail.code == ErrorCode::invalid_argument) detail.hint = "check the records";
  if (error.code == "9001" && detail.code != ErrorCode::permission_denied) detail.code = ErrorCode::unauthenticated;
  detail.retry_after = parse_retry_after(response.header("retry-after"), now);
  throw_typed(fmt::format("{}: {} (HTTP {}{})", failing(asking), text, response.status, describe(error)), std::move(detail));
}

void throw_error_in_success(const ErrorEnvelope& error) {
  errors::ErrorDetail detail{.code = ErrorCode::protocol,
                             .hint = "run again; if it stays, report it to iMednet support",
                             .origin = {.system = "imednet", .http_status = 200, .vendor_code = core::redact(error.code, 40)}};
  if (error.code == "9001") detail.code = ErrorCode::unauthenticated;
  if (error.code == "9000") {
    detail.code = ErrorCode::unavailable;
    detail.retry = RetryClass::backoff;
  }
  if (error.code == "1000") detail.code = ErrorCode::invalid_argument;
  detail.origin.attribute = core::redact(error.attribute, 80);
  detail.origin.value = error.value;
  throw_typed(fmt::format("cannot read from iMednet: the answer says success and carries an error (HTTP 200{})", describe(error)),
              std::move(detail));
}

}  // namespace imednet::api
