#include "imednet/errors.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>

namespace imednet::errors {
namespace {

// The tree that callers catch by.
static_assert(std::is_base_of_v<std::runtime_error, ImednetError>);
static_assert(std::is_base_of_v<ImednetError, ApiError> && std::is_base_of_v<ImednetError, ConfigurationError>);
static_assert(std::is_base_of_v<ImednetError, ExportError>);
static_assert(std::is_base_of_v<ExportError, ExportConfigurationError> && std::is_base_of_v<ExportError, ExportBatchError>);
static_assert(!std::is_base_of_v<ExportError, ApiError> && !std::is_base_of_v<ExportBatchError, ExportConfigurationError>);
static_assert(std::is_same_v<imednet::ImednetError, errors::ImednetError>);

TEST(ErrorCodes, EachHasItsOwnStableName) {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const std::string name(code_name(static_cast<ErrorCode>(code)));
    EXPECT_TRUE(names.insert(name).second) << name << " twice";
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
  }
  EXPECT_EQ(names, (std::set<std::string>{"invalid_argument",
                                          "config",
                                          "unauthenticated",
                                          "permission_denied",
                                          "not_found",
                                          "rate_limited",
                                          "unavailable",
                                          "timeout",
                                          "cancelled",
                                          "protocol",
                                          "decode",
                                          "schema_mismatch",
                                          "io",
                                          "no_space",
                                          "corrupt",
                                          "conflict",
                                          "rejected",
                                          "duplicates",
                                          "shrink",
                                          "in_doubt",
                                          "counts_differ",
                                          "unsupported",
                                          "internal"}));
  EXPECT_EQ(code_name(ErrorCode::not_found), "not_found");
  EXPECT_EQ(code_name(ErrorCode::in_doubt), "in_doubt");
}

TEST(Errors, CarryEverythingTheyWereGiven) {
  const ExportBatchError error(
      "cannot load batch MY_STUDY/records/0: refused", "MY_STUDY/records/0",
      {.code = ErrorCode::rejected,
       .hint = "look at the file",
       .retry = RetryClass::reconcile,
       .origin = {.system = "snowflake", .http_status = 422, .sql_state = "22000", .vendor_code = "100132", .request_id = "r-1"},
       .retry_after = std::chrono::milliseconds(1500)});
  EXPECT_STREQ(error.what(), "cannot load batch MY_STUDY/records/0: refused");
  EXPECT_EQ(error.batch_id(), "MY_STUDY/records/0");
  EXPECT_EQ(error.code(), ErrorCode::rejected);
  EXPECT_EQ(error.hint(), "look at the file");
  EXPECT_EQ(error.retry_class(), RetryClass::reconcile);
  EXPECT_EQ(error.origin().system, "snowflake");
  EXPECT_EQ(error.origin().http_status, 422);
  EXPECT_EQ(error.origin().sql_state, "22000");
  EXPECT_EQ(error.origin().vendor_code, "100132");
  EXPECT_EQ(error.origin().request_id, "r-1");
  EXPECT_EQ(error.retry_after(), std::chrono::milliseconds(1500));
}

TEST(Errors, AreNotRepeatedUnlessSomebodySaysSo) {
  const ImednetError error("cannot go", {});
  EXPECT_EQ(error.code(), ErrorCode::internal);
  EXPECT_EQ(error.retry_class(), RetryClass::never);
  EXPECT_EQ(error.retry_after(), std::nullopt);
}

}  // namespace
}  // namespace imednet::errors
