// What checks come to: lines of a report, warnings, and what is done with errors.
#include "pipeline/doctor_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imednet::pipeline {
namespace {

using integrations::CheckStatus;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

db::Answer parameters(std::vector<std::pair<std::string, std::string>> rows) {
  db::Answer answer{.columns = {"key", "value"}, .rows = {}};
  for (auto& [key, value] : rows) answer.rows.push_back({std::move(key), std::move(value)});
  return answer;
}

TEST(CheckList, AnErrorIsACheckThatFailedAndTheNextOnesRun) {
  CheckList list;
  EXPECT_FALSE(list.run("stage", []() -> Finding {
    throw ImednetError("cannot use the stage X: it is not there", {.code = errors::ErrorCode::not_found, .hint = "make it"});
  }));
  EXPECT_TRUE(list.run("clock", [] { return Finding{.detail = "fine"}; }));
  list.skip("put", "stage");
  const auto report = list.take();
  ASSERT_EQ(report.checks.size(), 3u);
  EXPECT_EQ(report.checks[0].status, CheckStatus::fail);
  EXPECT_EQ(report.checks[0].detail, "cannot use the stage X: it is not there");
  EXPECT_EQ(report.checks[0].advice, "make it");
  EXPECT_EQ(report.checks[1].status, CheckStatus::ok);
  EXPECT_EQ(report.checks[2].status, CheckStatus::skipped);
  ASSERT_NE(report.first_failure(), nullptr);
  EXPECT_EQ(report.first_failure()->error.code, errors::ErrorCode::not_found);
}

TEST(CheckList, AdviceMakesAWarningWhichIsNoFailure) {
  CheckList list;
  EXPECT_TRUE(list.run("clock", [] { return Finding{.detail = "90 s behind", .advice = "set it"}; }));
  const auto report = list.take();
  EXPECT_EQ(report.checks[0].status, CheckStatus::warn);
  EXPECT_EQ(report.first_failure(), nullptr);
}

TEST(CheckList, AStopIsNoFailedCheck) {
  CheckList list;
  const auto stop = []() -> Finding { throw ImednetError("cannot go on", {.code = errors::ErrorCode::cancelled}); };
  EXPECT_THROW(list.run("put", stop), ImednetError);
}

TEST(ClockFinding, SaysWhichIsAheadAndWarnsFromHalfAMinuteOn) {
  EXPECT_THAT(clock_finding(0, "x").advice, IsEmpty());
  EXPECT_EQ(clock_finding(3, "x").detail, "3 s ahead of this machine");
  EXPECT_EQ(clock_finding(-30, "x").detail, "30 s behind this machine");
  EXPECT_THAT(clock_finding(-30, "x").advice, IsEmpty());
  EXPECT_THAT(clock_finding(31, "keys fail").advice, HasSubstr("keys fail"));
}

TEST(StageRulesFinding, NamesRulesThatAreOn) {
  EXPECT_THAT(stage_rules_finding(parameters({})).advice, IsEmpty());
  EXPECT_THAT(stage_rules_finding(parameters({{"PREVENT_UNLOAD_TO_INTERNAL_STAGES", "false"}})).advice, IsEmpty());
  const Finding on = stage_rules_finding(parameters({{"PREVENT_UNLOAD_TO_INTERNAL_STAGES", "true"}}));
  EXPECT_THAT(on.detail, HasSubstr("PREVENT_UNLOAD_TO_INTERNAL_STAGES is on"));
  EXPECT_THAT(on.advice, Not(IsEmpty()));
}

TEST(TimeLimitsFinding, WarnsOfShortOnesOnly) {
  EXPECT_EQ(time_limits_finding(parameters({})).detail, "none is set");
  const Finding usual =
      time_limits_finding(parameters({{"STATEMENT_TIMEOUT_IN_SECONDS", "172800"}, {"STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "0"}}));
  EXPECT_EQ(usual.detail, "STATEMENT_TIMEOUT_IN_SECONDS = 172800");
  EXPECT_THAT(usual.advice, IsEmpty());
  EXPECT_THAT(time_limits_finding(parameters({{"STATEMENT_TIMEOUT_IN_SECONDS", "60"}})).advice, HasSubstr("--statement-timeout"));
  EXPECT_THAT(time_limits_finding(parameters({{"STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", "10"}})).advice, HasSubstr("--queue-timeout"));
}

}  // namespace
}  // namespace imednet::pipeline
