// exchange.h: requests to this machine, and what every error of the transport must keep.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "http/curl_transport.h"
#include "imednet/errors.h"

namespace imednet::http {

inline constexpr const char* kKey = "made-up-security-key-4711";

// A request with everything in it that a message must not repeat.
inline Request request_to(const std::string& url) {
  using namespace std::chrono_literals;
  return {.url = url,
          .headers = {{"x-imn-study", "plain-header-value"}},
          .secret_headers = {{"x-imn-security-key", Secret(kKey)}},
          .timeout = 4s,
          .connect_timeout = 4s,
          .bypass_proxy = true};
}

// Sends and gives back the error. Whatever it is, it quotes neither URL nor header nor key.
inline std::optional<errors::ApiError> error_of(Transport& transport, const Request& request, const std::stop_token& stop = {}) {
  using testing::HasSubstr;
  using testing::Not;
  try {
    transport.send(request, stop);
  } catch (const errors::ApiError& error) {
    const std::string said = error.what() + std::string(" | ") + error.hint() + " | " + error.origin().request_id;
    EXPECT_THAT(said, Not(HasSubstr(kKey)));
    EXPECT_THAT(said, Not(HasSubstr("x-imn-")));
    EXPECT_THAT(said, Not(HasSubstr("plain-header-value")));
    EXPECT_THAT(said, Not(HasSubstr("://")));
    EXPECT_THAT(said, Not(HasSubstr("127.0.0.1")));
    EXPECT_THAT(said, Not(HasSubstr("/api/")));
    return error;
  }
  return std::nullopt;
}

// The error as one value to compare.
struct Verdict {
  errors::ErrorCode code;
  errors::RetryClass retry;
  bool operator==(const Verdict&) const = default;
};

inline void PrintTo(const Verdict& verdict, std::ostream* out) {
  *out << errors::code_name(verdict.code) << ", retry class " << static_cast<int>(verdict.retry);
}

inline std::optional<Verdict> verdict_of(const std::optional<errors::ApiError>& error) {
  if (!error) return std::nullopt;
  return Verdict{error->code(), error->retry_class()};
}

inline constexpr Verdict kUnreadable{errors::ErrorCode::protocol, errors::RetryClass::backoff};
inline constexpr Verdict kNoConnection{errors::ErrorCode::unavailable, errors::RetryClass::backoff};
inline constexpr Verdict kTooSlow{errors::ErrorCode::timeout, errors::RetryClass::backoff};
inline constexpr Verdict kTooLarge{errors::ErrorCode::protocol, errors::RetryClass::never};
inline constexpr Verdict kNotTrusted{errors::ErrorCode::unavailable, errors::RetryClass::never};
inline constexpr Verdict kCancelled{errors::ErrorCode::cancelled, errors::RetryClass::never};
inline constexpr Verdict kBadAddress{errors::ErrorCode::config, errors::RetryClass::never};

}  // namespace imednet::http
