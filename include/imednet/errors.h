// errors.h: every error this library throws, for those who catch them.
//
// Errors are exceptions with one root (ADR 0001). An error is never an empty result. Messages have the form
// "cannot <do> <object>: <cause>" and never hold a cell value, a key, a token or a signed URL.
// Codes and exit codes: docs/exit-codes.md. Source of the names: the Snowflake export guide.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace imednet::errors {

// What went wrong, stable across versions; people script on these.
enum class ErrorCode {
  invalid_argument,   // the caller's argument can't be used
  config,             // a setting is missing or contradicts another
  unauthenticated,    // the peer does not know us
  permission_denied,  // the peer knows us and says no
  not_found,          // the named thing is not there
  rate_limited,       // asked to wait; see retry_after()
  unavailable,        // the peer can't be reached or can't answer now
  timeout,            // no answer within the time allowed
  cancelled,          // stopped by the caller (stop token, signal)
  protocol,           // the peer broke its own contract
  decode,             // a document could not be read
  schema_mismatch,    // the target's columns are not what the load needs
  io,                 // the local file system said no
  no_space,           // the local disk is full
  corrupt,            // a file is not what it was
  conflict,           // another run holds what this one needs
  rejected,           // the destination refused rows or a statement
  duplicates,         // the load would put rows a second time
  shrink,             // much of what stands in the table would go
  in_doubt,           // the effect of a request is unknown
  counts_differ,      // read, staged and loaded do not agree
  unsupported,        // not built, on purpose or not yet
  internal,           // a defect in this library
};

// May the same call be made again?
enum class RetryClass {
  never,      // it would fail again
  backoff,    // after a pause it may work
  reconcile,  // ask first what happened, then act
};

// Who said it. Empty fields were not given.
struct Origin {
  std::string system{};       // "imednet", "snowflake", "driver", "local"
  int http_status = 0;        // 0: no HTTP answer
  std::string sql_state{};    // five characters
  std::string vendor_code{};  // iMednet's error code or Snowflake's number
  std::string request_id{};   // to quote to the peer's support
  std::string attribute{};    // of iMednet's code 1000: what it refused, for example "page"
  std::string value{};        // and the value that was sent for it; it never stands in a message
  std::string body{};         // the beginning of an answer of iMednet's side that is no JSON (a gateway's page), without secrets
};

// Everything an error knows besides its message.
struct ErrorDetail {
  ErrorCode code = ErrorCode::internal;                    // what went wrong
  std::string hint{};                                      // what to do next: a sentence with the flag or command
  RetryClass retry = RetryClass::never;                    // whether the same call may be made again
  Origin origin{};                                         // who said it
  std::optional<std::chrono::milliseconds> retry_after{};  // the peer's own wish, uncapped
};

// The stable lower-case name of a code, for example "not_found".
std::string_view code_name(ErrorCode code) noexcept;

// The root of all errors of this library.
class ImednetError : public std::runtime_error {
 public:
  // `message` has the form told above; what() gives it back.
  ImednetError(const std::string& message, ErrorDetail detail) : std::runtime_error(message), detail_(std::move(detail)) {}

  ErrorCode code() const noexcept { return detail_.code; }           // what went wrong
  const std::string& hint() const noexcept { return detail_.hint; }  // what to do next; may be empty
  RetryClass retry_class() const noexcept { return detail_.retry; }  // whether the same call may be made again
  const Origin& origin() const noexcept { return detail_.origin; }   // who said it
  // The wait the peer asked for, if it did.
  std::optional<std::chrono::milliseconds> retry_after() const noexcept { return detail_.retry_after; }
  const ErrorDetail& detail() const noexcept { return detail_; }  // all of the above

 private:
  ErrorDetail detail_;
};

// The iMednet API said no, could not be reached or broke its contract.
class ApiError : public ImednetError {
 public:
  using ImednetError::ImednetError;
};

// HTTP 400, or code 1000: a value of the request was refused; origin().attribute names it where the API does.
class BadRequestError : public ApiError {
 public:
  using ApiError::ApiError;
};

// HTTP 401, or code 9001 without a 403: the keys are not known.
class UnauthorizedError : public ApiError {
 public:
  using ApiError::ApiError;
};

// HTTP 403: these keys may not; often a study key that is wrong.
class ForbiddenError : public ApiError {
 public:
  using ApiError::ApiError;
};

// HTTP 404, or a list that does not hold what was asked for by id.
class NotFoundError : public ApiError {
 public:
  using ApiError::ApiError;
};

// HTTP 429 to the end of all retries.
class RateLimitError : public ApiError {
 public:
  using ApiError::ApiError;
};

// HTTP 5xx, or code 9000, to the end of all retries.
class ServerError : public ApiError {
 public:
  using ApiError::ApiError;
};

// Settings of the SDK itself: a key that is missing names its environment variable.
class ConfigurationError : public ImednetError {
 public:
  using ImednetError::ImednetError;
};

// Anything between the records and the warehouse.
class ExportError : public ImednetError {
 public:
  using ImednetError::ImednetError;
};

// A sink can't be opened as configured: sign-in, a missing object, a refused name. Nothing was written.
class ExportConfigurationError : public ExportError {
 public:
  using ExportError::ExportError;
};

// One batch could not be loaded after all retries; what the root cause was is in code() and origin().
class ExportBatchError : public ExportError {
 public:
  // An error of the batch with that id.
  ExportBatchError(const std::string& message, std::string batch_id, ErrorDetail detail)
      : ExportError(message, std::move(detail)), batch_id_(std::move(batch_id)) {}
  // The id given to write_batch, for example "MY_STUDY/records/0".
  const std::string& batch_id() const noexcept { return batch_id_; }

 private:
  std::string batch_id_;
};

}  // namespace imednet::errors

namespace imednet {
using errors::ImednetError;
}
