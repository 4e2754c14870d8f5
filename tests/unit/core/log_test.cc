#include "core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace imednet::core {
namespace {

class Log : public testing::Test {
 protected:
  void TearDown() override { set_log_level(LogLevel::normal); }
  static std::string shown_at(LogLevel level) {
    set_log_level(level);
    testing::internal::CaptureStderr();
    log_warning("a warning");
    log_detail("a detail");
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, NormalShowsWarningsOnly) { EXPECT_EQ(shown_at(LogLevel::normal), "imednet: warning: a warning\n"); }

TEST_F(Log, QuietShowsNothing) { EXPECT_EQ(shown_at(LogLevel::quiet), ""); }

TEST_F(Log, VerboseShowsDetailsToo) { EXPECT_EQ(shown_at(LogLevel::verbose), "imednet: warning: a warning\nimednet: debug: a detail\n"); }

TEST_F(Log, SecretsAreTakenOutAndLinesStayLines) {
  set_log_level(LogLevel::verbose);
  testing::internal::CaptureStderr();
  log_warning("driver: password=canary-1\nimednet: error: forged");  // made up
  log_detail("GET https://h.example/?sig=canary-2");
  const std::string shown = testing::internal::GetCapturedStderr();
  EXPECT_EQ(shown, "imednet: warning: driver: password=*** imednet: error: forged\nimednet: debug: GET https://h.example/?***\n");
}

TEST_F(Log, BracesAreTextNotAFormat) {
  testing::internal::CaptureStderr();
  log_warning("field {} of {0:z}");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "imednet: warning: field {} of {0:z}\n");
}

}  // namespace
}  // namespace imednet::core
