#include "api/api_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/api/scripted_transport.h"

namespace imednet::api {
namespace {

using errors::ErrorCode;
using errors::RetryClass;

errors::ApiError error_of(const http::Response& response) {
  return caught([&response] { throw_status(response, FakeClock().utc_now()); });
}

struct Row {
  int status;
  ErrorCode code;
  RetryClass retry;
};

TEST(StatusTable, EachStatusHasItsCodeAndRetryClass) {
  for (const Row& row : std::initializer_list<Row>{{204, ErrorCode::protocol, RetryClass::never},
                                                   {300, ErrorCode::protocol, RetryClass::never},
                                                   {302, ErrorCode::protocol, RetryClass::never},
                                                   {399, ErrorCode::protocol, RetryClass::never},
                                                   {400, ErrorCode::invalid_argument, RetryClass::never},
                                                   {401, ErrorCode::unauthenticated, RetryClass::never},
                                                   {403, ErrorCode::permission_denied, RetryClass::never},
                                                   {404, ErrorCode::not_found, RetryClass::never},
                                                   {405, ErrorCode::protocol, RetryClass::never},
                                                   {408, ErrorCode::timeout, RetryClass::backoff},
                                                   {429, ErrorCode::rate_limited, RetryClass::backoff},
                                                   {500, ErrorCode::unavailable, RetryClass::backoff},
                                                   {502, ErrorCode::unavailable, RetryClass::backoff},
                                                   {503, ErrorCode::unavailable, RetryClass::backoff},
                                                   {599, ErrorCode::unavailable, RetryClass::backoff}}) {
    SCOPED_TRACE(row.status);
    const auto error = error_of({.status = row.status, .request_id = "req-1"});
    EXPECT_EQ(error.code(), row.code);
    EXPECT_EQ(error.retry_class(), row.retry);
    EXPECT_FALSE(error.hint().empty());
    EXPECT_EQ(error.origin().system, "imednet");
    EXPECT_EQ(error.origin().http_status, row.status);
    EXPECT_EQ(error.origin().request_id, "req-1");
    EXPECT_THAT(error.what(), testing::StartsWith("cannot read from iMednet: "));
    EXPECT_THAT(error.what(), testing::HasSubstr("HTTP " + std::to_string(row.status)));
  }
}

TEST(StatusTable, EachStatusHasItsClass) {
  const auto is = [](int status, auto* kind) {
    try {
      throw_status({.status = status}, {});
    } catch (const errors::ApiError& error) {
      return dynamic_cast<decltype(kind)>(&error) != nullptr;
    }
  };
  EXPECT_TRUE(is(400, static_cast<const errors::BadRequestError*>(nullptr)));
  EXPECT_TRUE(is(401, static_cast<const errors::UnauthorizedError*>(nullptr)));
  EXPECT_TRUE(is(403, static_cast<const errors::ForbiddenError*>(nullptr)));
  EXPECT_TRUE(is(404, static_cast<const errors::NotFoundError*>(nullptr)));
  EXPECT_TRUE(is(429, static_cast<const errors::RateLimitError*>(nullptr)));
  EXPECT_TRUE(is(500, static_cast<const errors::ServerError*>(nullptr)));
  EXPECT_TRUE(is(503, static_cast<const errors::ServerError*>(nullptr)));
  EXPECT_FALSE(is(302, static_cast<const errors::ServerError*>(nullptr)));
  EXPECT_FALSE(is(404, static_cast<const errors::BadRequestError*>(nullptr)));
}

TEST(StatusTable, APageOfAGatewayIsKeptShortAndWithoutSecrets) {
  const std::string page = "\n<html><title>502 Bad Gateway</title>password=made-up-7781 " + std::string(5'000, 'x');
  const auto error = error_of({.status = 502, .body = page});
  EXPECT_THAT(error.origin().body, testing::StartsWith("<html><title>502 Bad Gateway</title>"));
  EXPECT_THAT(error.origin().body, testing::Not(testing::HasSubstr("made-up")));
  EXPECT_LE(error.origin().body.size(), 210u);
  EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("Gateway")));
  EXPECT_EQ(error_of({.status = 500, .body = R"({"data":[{"recordData":{"aeterm":"Headache"}}]})"}).origin().body, "");
}

TEST(StatusTable, TheVendorsCodeIsKept) {
  const auto error = error_of({.status = 500, .body = error_body("9000", "unknown server error")});
  EXPECT_EQ(error.origin().vendor_code, "9000");
  EXPECT_THAT(error.what(), testing::HasSubstr("unknown server error"));
}

TEST(StatusTable, NotSignedInIsToldFromNotAllowed) {
  EXPECT_EQ(error_of({.status = 400, .body = error_body("9001", "")}).code(), ErrorCode::unauthenticated);
  EXPECT_EQ(error_of({.status = 403, .body = error_body("9001", "")}).code(), ErrorCode::permission_denied);
}

TEST(StatusTable, LongTextsOfThePeerAreCut) {
  const auto error = error_of({.status = 500, .body = error_body("9000", std::string(5000, 'x'))});
  EXPECT_LT(std::string_view(error.what()).size(), 400u);
}

TEST(RetryAfter, IsSecondsOrADate) {
  const auto now = FakeClock().utc_now();
  const auto wait = [now](std::string_view text) { return parse_retry_after(text, now); };
  EXPECT_EQ(wait("0"), std::chrono::seconds(0));
  EXPECT_EQ(wait("120"), std::chrono::seconds(120));
  EXPECT_EQ(wait("-5"), std::chrono::seconds(0));
  EXPECT_EQ(wait("Thu, 28 May 2026 20:27:40 GMT"), std::chrono::seconds(60));
  EXPECT_EQ(wait("Thu, 28 May 2026 20:00:00 GMT"), std::chrono::seconds(0));
  EXPECT_EQ(wait(""), std::nullopt);
  EXPECT_EQ(wait("soon"), std::nullopt);
  EXPECT_EQ(wait("1.5"), std::nullopt);
  EXPECT_EQ(wait("3 s"), std::nullopt);
  ASSERT_TRUE(wait("99999999999999999"));
  EXPECT_GT(*wait("99999999999999999"), std::chrono::hours(24));
  EXPECT_GE(wait("99999999999999999999999").value_or(std::chrono::milliseconds(0)).count(), 0);  // no overflow
}

}  // namespace
}  // namespace imednet::api
