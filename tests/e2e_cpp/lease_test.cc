// The lease against a real table: who gets it, who waits, who loses it.
#include "sinks/snowflake/lease.h"

#include <atomic>
#include <latch>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/temporary_directory.h"
#include "e2e_cpp/sink_case.h"
#include "sinks/snowflake/session.h"
#include "sinks/snowflake/transaction_statements.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportError;
using namespace sinks::snowflake;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

// Time goes on only when somebody sleeps; what happens then is the test's.
class ToldClock final : public core::Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return now_; }
  std::chrono::system_clock::time_point utc_now() const override { return {}; }
  bool sleep(milliseconds duration, const std::stop_token& stop) override {
    now_ += duration;
    sleeps.push_back(duration);
    if (on_sleep) on_sleep();
    return !stop.stop_requested();
  }
  void pass(milliseconds duration) { now_ += duration; }
  std::function<void()> on_sleep;
  std::vector<milliseconds> sleeps;

 private:
  std::chrono::steady_clock::time_point now_{};
};

// One run: a session of its own, and the lease it wants.
class Contender {
 public:
  Contender(const integrations::SnowflakeSinkConfig& config, const std::string& run_id, const core::ProcessIdentity& process,
            core::Clock& clock, const std::string& study, const std::string& leases)
      : config_(config),
        temporary_(core::temporary_root(), "imednet-run"),
        session_(config_, run_id, temporary_.path()),
        lease(deps(clock), ObjectName(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own(leases)),
              {study, "IMEDNET_DB.PUBLIC." + config.table}, {process, run_id, {}}) {}

  LeaseDeps deps(core::Clock& clock) {
    return {.run = [this](const SqlText& sql, std::string_view step) { return session_.run(sql, step); },
            .attempt = [](std::string_view, const std::function<void()>& action) { action(); },
            .clock = clock,
            .on_waiting = [this](std::string_view holder) { waited_for = holder; }};
  }
  Session& session() { return session_; }

 private:
  integrations::SnowflakeSinkConfig config_;
  core::TemporaryDirectory temporary_;
  Session session_;

 public:
  std::string waited_for;
  Lease lease;
};

class Leases : public SinkCase {
 protected:
  Contender run(const char* id, const std::string& study = "MY_STUDY") { return of(core::this_process(), id, study); }
  Contender of(const core::ProcessIdentity& process, const char* id, const std::string& study = "MY_STUDY") {
    return {config(), id, process, clock, study, leases()};
  }
  std::string leases() const { return "LEASES_OF_" + table; }
  static core::ProcessIdentity dead_process() {
    core::ProcessIdentity process = core::this_process();
    process.started -= 1;
    return process;
  }
  static core::ProcessIdentity process_elsewhere() {
    core::ProcessIdentity process = core::this_process();
    process.boot_id = "00000000-0000-0000-0000-000000000000";
    process.host = "another-host";
    return process;
  }
  std::string cell(const std::string& what, const std::string& study = "MY_STUDY") const {
    return sandbox().value("SELECT " + what + " FROM " + leases() + " WHERE STUDY_KEY = '" + study + "'");
  }
  void age_by(int seconds_ago) const {
    sandbox().sql("UPDATE " + leases() + " SET HEARTBEAT_AT = DATEADD(second, -" + std::to_string(seconds_ago) +
                  ", SYSDATE()) WHERE STUDY_KEY <> '*'");
  }
  ToldClock clock;
};

TEST_F(Leases, TheFirstTakeMakesTableAndRowAndTheTokenIsOne) {
  Contender first = run("run-1");
  EXPECT_FALSE(first.lease.take(seconds(0))) << "nobody was cut off";
  EXPECT_TRUE(first.lease.is_held());
  EXPECT_EQ(first.lease.token(), 1);
  EXPECT_EQ(cell("COUNT(*)"), "1");
  EXPECT_EQ(cell("COUNT(*)", "*"), "1") << "the locking row";
  EXPECT_EQ(nlohmann::json::parse(cell("HOLDER")).at("run_id"), "run-1");
  EXPECT_TRUE(clock.sleeps.empty());
}

TEST_F(Leases, EachTakeRaisesTheTokenByOne) {
  for (std::int64_t token = 1; token <= 3; ++token) {
    Contender next = run("run");
    EXPECT_FALSE(next.lease.take(seconds(0)));
    EXPECT_EQ(next.lease.token(), token);
    next.lease.release();
    EXPECT_FALSE(next.lease.is_held());
  }
  EXPECT_EQ(cell("COUNT(RELEASED_AT)"), "1");
}

TEST_F(Leases, TheSecondOfTwoIsToldWhoHoldsIt) {
  Contender first = run("run-1");
  first.lease.take(seconds(0));
  Contender second = run("run-2");
  const auto error = thrown<ExportError>([&] { second.lease.take(seconds(0)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::conflict);
  EXPECT_THAT(error->what(), HasSubstr("run run-1 on " + core::this_process().host));
  EXPECT_THAT(error->what(), HasSubstr("pid " + std::to_string(core::this_process().pid)));
  EXPECT_THAT(error->hint(), HasSubstr("--wait"));
  EXPECT_FALSE(second.lease.is_held());
  EXPECT_EQ(cell("TOKEN"), "1");
}

TEST_F(Leases, WhoWaitsGetsItWhenItIsReleased) {
  Contender first = run("run-1");
  first.lease.take(seconds(0));
  Contender second = run("run-2");
  clock.on_sleep = [&] {
    if (clock.sleeps.size() == 3) first.lease.release();
  };
  EXPECT_FALSE(second.lease.take(seconds(60)));
  EXPECT_EQ(second.lease.token(), 2);
  EXPECT_THAT(clock.sleeps, testing::ElementsAre(milliseconds(1000), milliseconds(2000), milliseconds(4000)));
  EXPECT_THAT(second.waited_for, HasSubstr("run run-1"));
}

TEST_F(Leases, WhoWaitsInVainWaitsNoLongerThanWasSaid) {
  Contender first = run("run-1");
  first.lease.take(seconds(0));
  Contender second = run("run-2");
  const auto error = thrown<ExportError>([&] { second.lease.take(seconds(50)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::conflict);
  milliseconds all{0};
  for (const milliseconds one : clock.sleeps) all += one;
  EXPECT_EQ(all, seconds(50));
}

TEST_F(Leases, OfManyThatComeAtOnceToAnEmptySchemaOneGetsIt) {
  constexpr int kRuns = 6;
  std::atomic<int> holders = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::unique_ptr<Contender>> contenders;
    for (int i = 0; i < kRuns; ++i) {
      contenders.push_back(std::make_unique<Contender>(config(), "run-" + std::to_string(i), core::this_process(), core::system_clock(),
                                                       "MY_STUDY", leases()));
    }
    std::latch start(kRuns);
    std::vector<std::jthread> threads;
    for (const auto& contender : contenders) {
      threads.emplace_back([&, one = contender.get()] {
        start.arrive_and_wait();
        try {
          one->lease.take(seconds(0));
          ++holders;
        } catch (const ExportError& error) {
          if (error.code() == ErrorCode::conflict) ++refused;
        }
      });
    }
  }
  EXPECT_EQ(holders, 1);
  EXPECT_EQ(refused, kRuns - 1);
  EXPECT_EQ(cell("COUNT(*)"), "1");
  EXPECT_EQ(cell("COUNT(*)", "*"), "1");
  EXPECT_EQ(cell("TOKEN"), "1");
}

TEST_F(Leases, TwoStudiesDoNotMeet) {
  Contender first = run("run-1", "MY_STUDY");
  Contender second = run("run-2", "OTHER");
  first.lease.take(seconds(0));
  second.lease.take(seconds(0));
  first.lease.check();
  second.lease.check();
  EXPECT_EQ(cell("TOKEN", "MY_STUDY"), "1");
  EXPECT_EQ(cell("TOKEN", "OTHER"), "1");
}

TEST_F(Leases, ADeadProcessOfThisMachineLosesItAtOnceAndIsNamed) {
  Contender first = of(dead_process(), "run-1");
  first.lease.take(seconds(0));
  Contender second = run("run-2");
  const auto former = second.lease.take(seconds(0));
  ASSERT_TRUE(former);
  EXPECT_EQ(former->run_id, "run-1");
  EXPECT_EQ(second.lease.token(), 2);
}

TEST_F(Leases, RunsThatWereCutOffAreHandedOnUntilOneReleasesTheLease) {
  of(dead_process(), "run-1").lease.take(seconds(0));
  of(dead_process(), "run-2").lease.take(seconds(0));
  {
    Contender third = of(dead_process(), "run-3");
    const auto former = third.lease.take(seconds(0));
    ASSERT_TRUE(former);
    EXPECT_EQ(former->run_id, "run-2");
    EXPECT_THAT(former->former_runs, testing::ElementsAre("run-1"));
    third.lease.release();
  }
  run("run-4").lease.take(seconds(0));
  EXPECT_TRUE(LeaseHolder::parse(cell("HOLDER")).former_runs.empty());
}

TEST_F(Leases, AProcessElsewhereLosesItAfterAMinuteWithoutASignOfLife) {
  Contender first = of(process_elsewhere(), "run-1");
  first.lease.take(seconds(0));
  Contender second = run("run-2");
  age_by(55);
  const auto error = thrown<ExportError>([&] { second.lease.take(seconds(0)); });
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("another-host"));
  EXPECT_THAT(error->what(), HasSubstr("last sign of life 55 s ago"));
  age_by(61);
  const auto former = second.lease.take(seconds(0));
  ASSERT_TRUE(former);
  EXPECT_EQ(former->run_id, "run-1");
}

TEST_F(Leases, WhoLostItLearnsSoInsideItsTransactionAndChangesNothing) {
  Contender first = of(process_elsewhere(), "run-1");
  first.lease.take(seconds(0));
  age_by(61);
  Contender second = run("run-2");
  second.lease.take(seconds(0));
  sandbox().sql("CREATE TABLE " + table + " (N NUMBER)");
  first.session().run(begin_transaction("A_TEST"), "begin");
  const ObjectName target(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own(table));
  const auto error = thrown<ExportError>([&] { first.lease.check(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::conflict);
  EXPECT_THAT(error->what(), HasSubstr("lost its lease to run run-2"));
  first.session().run(rollback_transaction(), "rollback");
  EXPECT_FALSE(first.lease.is_held());
  EXPECT_EQ(cell("TOKEN"), "2");
  second.lease.check();
}

TEST_F(Leases, WhoLostItDoesNotReleaseAnothersLease) {
  Contender first = of(process_elsewhere(), "run-1");
  first.lease.take(seconds(0));
  age_by(61);
  Contender second = run("run-2");
  second.lease.take(seconds(0));
  first.lease.release();
  EXPECT_EQ(cell("COUNT(RELEASED_AT)"), "0");
  second.lease.check();
}

TEST_F(Leases, ASignOfLifeIsGivenEveryFifteenSecondsAndKeepsIt) {
  Contender first = of(process_elsewhere(), "run-1");
  first.lease.take(seconds(0));
  age_by(100);
  clock.pass(milliseconds(14'999));
  first.lease.beat_if_due();
  EXPECT_GT(std::stoi(cell("DATEDIFF(second, HEARTBEAT_AT, SYSDATE())")), 90) << "it was not due";
  clock.pass(milliseconds(1));
  first.lease.beat_if_due();
  EXPECT_LT(std::stoi(cell("DATEDIFF(second, HEARTBEAT_AT, SYSDATE())")), 30);
  Contender second = run("run-2");
  EXPECT_TRUE(thrown<ExportError>([&] { second.lease.take(seconds(0)); }));
}

TEST_F(Leases, ARunThatLostItLearnsSoWithItsNextSignOfLife) {
  Contender first = of(process_elsewhere(), "run-1");
  first.lease.take(seconds(0));
  age_by(61);
  Contender second = run("run-2");
  second.lease.take(seconds(0));
  clock.pass(seconds(15));
  const auto error = thrown<ExportError>([&] { first.lease.beat_if_due(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::conflict);
}

TEST_F(Leases, ALostAnswerToTheTakeIsNoLostLease) {
  Contender first = run("run-1");
  first.lease.take(seconds(0));
  first.lease.release();
  sandbox().order({{"match", {{"statement_contains", "\"" + leases() + "\" SET \"TOKEN\" = 2"}}},
                   {"do", {{"fail", {{"code", "000604"}, {"message", "ordered"}}}, {"after_running", true}}}});
  const core::ProcessIdentity self = core::this_process();
  Contender second = run("run-2");
  LeaseDeps deps = second.deps(clock);
  deps.attempt = [](std::string_view, const std::function<void()>& action) {
    try {
      action();
    } catch (const ImednetError&) {
      action();
    }
  };
  Lease lease(deps, ObjectName(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own(leases())),
              {"MY_STUDY", "IMEDNET_DB.PUBLIC." + table}, {self, "run-2", {}});
  EXPECT_FALSE(lease.take(seconds(0)));
  EXPECT_EQ(lease.token(), 2);
  EXPECT_EQ(cell("TOKEN"), "2");
}

TEST_F(Leases, ATableThatAnotherMadeMeanwhileIsUsed) {
  Contender first = run("run-1");
  sandbox().order({{"match", {{"statement_contains", "CREATE TABLE \"IMEDNET_DB\".\"PUBLIC\".\"" + leases() + "\""}}},
                   {"do", {{"fail", {{"code", "002002"}, {"message", "exists"}}}, {"after_running", true}}}});
  first.lease.take(seconds(0));
  EXPECT_EQ(first.lease.token(), 1);
}

TEST_F(Leases, ARowThatStandsTwiceIsRefused) {
  Contender first = run("run-1");
  first.lease.take(seconds(0));
  first.lease.release();
  sandbox().sql("INSERT INTO " + leases() + " SELECT * FROM " + leases() + " WHERE STUDY_KEY = 'MY_STUDY'");
  Contender second = run("run-2");
  const auto error = thrown<ExportError>([&] { second.lease.take(seconds(0)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::corrupt);
  EXPECT_FALSE(second.lease.is_held());
}

TEST_F(Leases, WithoutItsLockingRowTheTableIsRefused) {
  run("run-1").lease.take(seconds(0));
  sandbox().sql("DELETE FROM " + leases());
  Contender second = run("run-2");
  const auto error = thrown<ExportError>([&] { second.lease.take(seconds(0)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::corrupt);
  EXPECT_THAT(error->hint(), HasSubstr("drop the table"));
}

TEST_F(Leases, AStopEndsTheWait) {
  Contender first = run("run-1");
  first.lease.take(seconds(0));
  std::stop_source stop;
  Contender second = run("run-2");
  LeaseDeps deps = second.deps(clock);
  deps.stop = stop.get_token();
  clock.on_sleep = [&] { stop.request_stop(); };
  Lease lease(deps, ObjectName(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own(leases())),
              {"MY_STUDY", "IMEDNET_DB.PUBLIC." + table}, {core::this_process(), "run-2", {}});
  const auto error = thrown<ImednetError>([&] { lease.take(seconds(3600)); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::cancelled);
}

TEST_F(Leases, NothingIsAskedOfARunThatLeftNothingAtWork) {
  Contender second = run("run-2");
  settle_statements_of(second.deps(clock), Identifier::own("IMEDNET_DB"), "run-that-never-was", milliseconds(1));
  EXPECT_TRUE(clock.sleeps.empty());
}

}  // namespace
}  // namespace imednet::e2e
