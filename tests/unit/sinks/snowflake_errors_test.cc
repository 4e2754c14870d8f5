#include "sinks/snowflake/snowflake_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinks/snowflake/driver_environment.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using errors::RetryClass;
using testing::HasSubstr;

ImednetError from_driver(const std::string& vendor_code, ErrorCode code = ErrorCode::internal) {
  return {"cannot run a statement: …", {.code = code, .origin = {.system = "driver", .sql_state = "42S02", .vendor_code = vendor_code}}};
}

struct Judged {
  const char* vendor_code;
  ErrorCode code;
  RetryClass retry;
  const char* hint;  // a part of it; empty: what to try depends on the kind of sign-in, and session.cc says it
};

// Every number the sink knows: a row less or another word here is a change that people's scripts would feel.
TEST(SnowflakeErrors, EachKnownNumberHasItsCodeRetryClassAndHint) {
  const Judged table[] = {
      {"390100", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"390101", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"390102", ErrorCode::unauthenticated, RetryClass::never, "locked"},
      {"390144", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"390127", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"390129", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"390139", ErrorCode::unauthenticated, RetryClass::never, "--authenticator"},
      {"390303", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"390318", ErrorCode::unauthenticated, RetryClass::never, "expired"},
      {"394400", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"394508", ErrorCode::unauthenticated, RetryClass::never, "--passcode"},
      {"390189", ErrorCode::permission_denied, RetryClass::never, "--role"},
      {"390195", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"390201", ErrorCode::not_found, RetryClass::never, "granted"},
      {"390104", ErrorCode::unavailable, RetryClass::reconcile, "run again"},
      {"390111", ErrorCode::unavailable, RetryClass::reconcile, "run again"},
      {"390112", ErrorCode::unavailable, RetryClass::reconcile, "run again"},
      {"390114", ErrorCode::unavailable, RetryClass::reconcile, "run again"},
      {"250001", ErrorCode::unauthenticated, RetryClass::never, ""},
      {"260000", ErrorCode::unauthenticated, RetryClass::never, "account"},
      {"260008", ErrorCode::unauthenticated, RetryClass::never, "account"},
      {"261004", ErrorCode::unavailable, RetryClass::backoff, "network"},
      {"264006", ErrorCode::io, RetryClass::never, "staged file"},
      {"002003", ErrorCode::not_found, RetryClass::never, "granted"},
      {"002043", ErrorCode::not_found, RetryClass::never, "granted"},
      {"002141", ErrorCode::not_found, RetryClass::never, "granted"},
      {"003001", ErrorCode::permission_denied, RetryClass::never, "privilege"},
      {"003041", ErrorCode::permission_denied, RetryClass::never, "privilege"},
      {"100072", ErrorCode::rejected, RetryClass::never, "NOT NULL"},
      {"000606", ErrorCode::not_found, RetryClass::never, "warehouse"},
      {"000608", ErrorCode::unavailable, RetryClass::backoff, "suspended"},
      {"000604", ErrorCode::unavailable, RetryClass::reconcile, "cancelled"},
      {"000625", ErrorCode::unavailable, RetryClass::backoff, "later"},
      {"000630", ErrorCode::timeout, RetryClass::reconcile, "STATEMENT_TIMEOUT_IN_SECONDS"},
  };
  for (const Judged& row : table) {
    const errors::ErrorDetail detail = judge(from_driver(row.vendor_code));
    EXPECT_EQ(detail.code, row.code) << row.vendor_code;
    EXPECT_EQ(detail.retry, row.retry) << row.vendor_code;
    EXPECT_THAT(detail.hint, HasSubstr(row.hint)) << row.vendor_code;
    EXPECT_EQ(detail.hint.empty(), *row.hint == '\0') << row.vendor_code;
    EXPECT_EQ(detail.origin.system, "snowflake") << row.vendor_code;
    EXPECT_EQ(detail.origin.vendor_code, row.vendor_code);
    EXPECT_EQ(detail.origin.sql_state, "42S02");
  }
}

ImednetError of_state(const std::string& sql_state, const std::string& vendor_code = "100999") {
  return {"…",
          {.code = ErrorCode::unavailable,
           .retry = RetryClass::backoff,
           .origin = {.system = "driver", .sql_state = sql_state, .vendor_code = vendor_code}}};
}

// The driver reports them as trouble on the wire, and that would be tried again for nothing.
TEST(SnowflakeErrors, DataOrTextThatIsRefusedIsNotTriedAgain) {
  for (const char* state : {"22000", "22P02", "23505", "42000", "42601"}) {
    EXPECT_EQ(judge(of_state(state)).code, ErrorCode::rejected) << state;
    EXPECT_EQ(judge(of_state(state)).retry, RetryClass::never) << state;
  }
}

TEST(SnowflakeErrors, AnUnknownNumberKeepsWhatTheDriverSaid) {
  for (const auto& error : {of_state("57014"), of_state("XX000"), of_state(""), of_state("22000", "")}) {
    const errors::ErrorDetail detail = judge(error);
    EXPECT_EQ(detail.code, ErrorCode::unavailable);
    EXPECT_EQ(detail.retry, RetryClass::backoff);
    EXPECT_EQ(detail.hint, "");
    EXPECT_EQ(detail.origin.sql_state, error.origin().sql_state);
  }
}

TEST(SnowflakeErrors, WithoutANumberItWasTheDriverThatSpoke) {
  EXPECT_EQ(judge(from_driver("")).origin.system, "driver");
  EXPECT_EQ(judge(ImednetError("…", {.code = ErrorCode::io, .origin = {.system = "local"}})).origin.system, "local");
}

TEST(SnowflakeErrors, AHintThatIsThereAlreadyStays) {
  const ImednetError error("…", {.code = ErrorCode::internal, .hint = "ask Ann", .origin = {.system = "driver", .vendor_code = "002003"}});
  EXPECT_EQ(judge(error).hint, "ask Ann");
  EXPECT_EQ(judge(error).code, ErrorCode::not_found);
}

TEST(SnowflakeErrors, OnlyALostSessionNeedsANewSignIn) {
  for (const char* code : {"390104", "390111", "390112", "390114"}) EXPECT_TRUE(is_session_lost(from_driver(code))) << code;
  for (const char* code : {"390100", "390195", "002003", "000604", ""}) EXPECT_FALSE(is_session_lost(from_driver(code))) << code;
}

// The running program must not count: the driver sees the environment as it was at the start.
TEST(DriverEnvironment, WhatIsSetLaterDoesNotCount) {
  std::vector<std::string> names;
  for (const auto& [name, value] : driver_environment()) {
    names.push_back(name);
    EXPECT_EQ(value, "true");
  }
  EXPECT_THAT(names, testing::ElementsAre("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "SF_DISABLE_MINICORE"));
  const auto before = missing_driver_environment();
  for (const std::string& name : names) ASSERT_EQ(setenv(name.c_str(), "true", 1), 0);
  EXPECT_EQ(missing_driver_environment(), before);
}

}  // namespace
}  // namespace imednet::sinks::snowflake
