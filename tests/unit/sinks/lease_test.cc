// Who may take a lease, and the statements that do it; what Snowflake makes of them is told by tests/e2e_cpp/lease_test.cc.
#include "sinks/snowflake/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sinks/names.h"
#include "unit/sinks/processes.h"

namespace imednet::sinks::snowflake {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRow = R"("STUDY_KEY" = 'it''s' AND "TARGET_TABLE" = 'DB.S.T')";
const LeaseKey kKey{"it's", "DB.S.T"};

ObjectName leases() { return {Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("IMEDNET_LEASES")}; }

LeaseRow held_by(const core::ProcessIdentity& process, milliseconds age) {
  return {.token = 3, .holder = LeaseHolder{process, "run-1", {}}.text(), .age = age, .is_released = false};
}

TEST(Leases, AHolderIsReadAsItWasWritten) {
  const LeaseHolder holder{core::this_process(), "20260115T120000Z-0a0b0c0d", {"run-1", "run-2"}};
  const LeaseHolder read = LeaseHolder::parse(holder.text());
  EXPECT_EQ(read.process, holder.process);
  EXPECT_EQ(read.run_id, holder.run_id);
  EXPECT_EQ(read.former_runs, holder.former_runs);
}

TEST(Leases, AHolderThatIsNoneOfOursIsNobodyKnownToBeDead) {
  for (const char* text : {"", "somebody", "[]", "{}", R"({"pid":"12"})", R"({"pid":1,"started":1})"}) {
    EXPECT_EQ(LeaseHolder::parse(text).process.liveness(), core::Liveness::elsewhere) << text;
  }
}

TEST(Leases, OneThatWasNeverTakenOrWasReleasedIsFree) {
  EXPECT_EQ(standing_of({.token = 0, .is_released = true}), LeaseStanding::free);
  LeaseRow released = held_by(core::this_process(), milliseconds(5));
  released.is_released = true;
  EXPECT_EQ(standing_of(released), LeaseStanding::free);
}

TEST(Leases, ADeadProcessOfThisMachineLosesItAtOnce) {
  EXPECT_EQ(standing_of(held_by(dead_process(), milliseconds(0))), LeaseStanding::orphan);
}

TEST(Leases, AProcessThatNobodyHereCanJudgeKeepsItForAMinute) {
  EXPECT_EQ(standing_of(held_by(process_elsewhere(), seconds(60))), LeaseStanding::held);
  EXPECT_EQ(standing_of(held_by(process_elsewhere(), milliseconds(60'001))), LeaseStanding::expired);
}

TEST(Leases, ALivingProcessKeepsItForAMinuteTooAndNoLonger) {
  EXPECT_EQ(standing_of(held_by(core::this_process(), seconds(60))), LeaseStanding::held);
  EXPECT_EQ(standing_of(held_by(core::this_process(), milliseconds(60'001))), LeaseStanding::expired);
}

TEST(Leases, AHolderWithoutAnySignOfLifeHasNone) {
  LeaseRow row = held_by(process_elsewhere(), milliseconds(0));
  row.age.reset();
  EXPECT_EQ(standing_of(row), LeaseStanding::expired);
}

TEST(LeaseStatements, TheTableIsMadeTogetherWithItsLockingRow) {
  EXPECT_EQ(create_leases(leases()).text(),
            R"(CREATE TABLE "IMEDNET_DB"."PUBLIC"."IMEDNET_LEASES" ("STUDY_KEY" VARCHAR, "TARGET_TABLE" VARCHAR, "TOKEN" NUMBER(38,0), )"
            R"("HOLDER" VARCHAR, "HEARTBEAT_AT" TIMESTAMP_NTZ(9), "TAKEN_AT" TIMESTAMP_NTZ(9), "RELEASED_AT" TIMESTAMP_NTZ(9)) )"
            R"(AS SELECT '*'::VARCHAR, '*'::VARCHAR, 0::NUMBER(38,0), NULL::VARCHAR, NULL::TIMESTAMP_NTZ(9), NULL::TIMESTAMP_NTZ(9), )"
            R"(SYSDATE()::TIMESTAMP_NTZ(9))");
  EXPECT_EQ(lock_leases(leases()).text(), R"(UPDATE "IMEDNET_DB"."PUBLIC"."IMEDNET_LEASES" SET "TOKEN" = "TOKEN" + 1 WHERE )"
                                          R"("STUDY_KEY" = '*' AND "TARGET_TABLE" = '*')");
}

TEST(LeaseStatements, ARowIsTakenOnlyWithTheTokenThatWasSeenAndOnlyWhenItIsFree) {
  const std::string text = take_lease(leases(), kKey, 6, "who's", false).text();
  EXPECT_EQ(text, std::string(R"(UPDATE "IMEDNET_DB"."PUBLIC"."IMEDNET_LEASES" SET "TOKEN" = 7, "HOLDER" = 'who''s', )"
                              R"("HEARTBEAT_AT" = SYSDATE(), "TAKEN_AT" = SYSDATE(), "RELEASED_AT" = NULL WHERE )") +
                      kRow +
                      R"( AND "TOKEN" = 6 AND ("RELEASED_AT" IS NOT NULL OR "HEARTBEAT_AT" IS NULL OR "HEARTBEAT_AT" < )"
                      R"(DATEADD(second, -60, SYSDATE())))");
}

TEST(LeaseStatements, ADeadHoldersRowIsTakenWithoutAskingForItsAge) {
  const std::string text = take_lease(leases(), kKey, 6, "me", true).text();
  EXPECT_THAT(text, testing::EndsWith(R"("TOKEN" = 6)"));
  EXPECT_THAT(text, Not(HasSubstr("DATEADD")));
}

TEST(LeaseStatements, SignsOfLifeAndReleaseReachOnlyTheHoldersOwnRow) {
  for (const SqlText& sql : {beat_lease(leases(), kKey, 7), release_lease(leases(), kKey, 7)}) {
    EXPECT_THAT(sql.text(), testing::EndsWith(std::string("WHERE ") + kRow + R"( AND "TOKEN" = 7 AND "RELEASED_AT" IS NULL)"));
  }
  EXPECT_THAT(beat_lease(leases(), kKey, 7).text(), HasSubstr("SET \"HEARTBEAT_AT\" = SYSDATE()"));
  EXPECT_THAT(release_lease(leases(), kKey, 7).text(), HasSubstr("SET \"RELEASED_AT\" = SYSDATE()"));
}

class RollBack : public testing::Test {
 protected:
  // Three attempts, as the session's own; the first `failing_` answers are errors.
  LeaseDeps deps() {
    return {.run = [this](const SqlText& sql, std::string_view) -> db::Answer {
              sent_.push_back(sql.text());
              if (std::ssize(sent_) <= failing_)
                throw errors::ExportError("the statement was not answered", {.code = code_, .retry = errors::RetryClass::backoff});
              return {};
            },
            .attempt =
                [this](std::string_view, const std::function<void()>& action) {
                  for (int attempt = 1;; ++attempt) {
                    try {
                      return action();
                    } catch (const errors::ImednetError&) {
                      if (attempt == 3 || code_ == errors::ErrorCode::cancelled) throw;
                    }
                  }
                },
            .clock = core::system_clock()};
  }
  std::vector<std::string> sent_;
  std::ptrdiff_t failing_ = 0;
  errors::ErrorCode code_ = errors::ErrorCode::unavailable;
};

TEST_F(RollBack, IsSentAgainWhenItFails) {
  failing_ = 2;
  roll_back(deps());
  EXPECT_THAT(sent_, testing::ElementsAre("ROLLBACK", "ROLLBACK", "ROLLBACK"));
}

TEST_F(RollBack, ThatNeverSucceedsIsTheEndOfTheRun) {
  failing_ = 99;
  try {
    roll_back(deps());
    FAIL() << "the session went on with an open transaction";
  } catch (const errors::ExportError& error) {
    EXPECT_EQ(error.code(), errors::ErrorCode::unavailable);
    EXPECT_EQ(error.retry_class(), errors::RetryClass::never);
  }
}

TEST_F(RollBack, AfterAStopIsLeftToTheEndOfTheSession) {
  failing_ = 99;
  code_ = errors::ErrorCode::cancelled;
  EXPECT_NO_THROW(roll_back(deps()));
  EXPECT_EQ(sent_.size(), 1U);
}

TEST(LeaseStatements, AFormerRunsStatementsAreFoundByItsTagAndCancelledById) {
  EXPECT_EQ(statements_at_work(Identifier::own("IMEDNET_DB"), "20260115T120000Z-0a0b0c0d").text(),
            R"(SELECT QUERY_ID, EXECUTION_STATUS FROM TABLE("IMEDNET_DB".INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) )"
            R"(WHERE CONTAINS(QUERY_TAG, ':20260115T120000Z-0a0b0c0d:') AND EXECUTION_STATUS IN ('RUNNING', 'QUEUED', 'BLOCKED', )"
            R"('RESUMING_WAREHOUSE'))");
  EXPECT_EQ(cancel_statement("it's").text(), "SELECT SYSTEM$CANCEL_QUERY('it''s')");
}

}  // namespace
}  // namespace imednet::sinks::snowflake
