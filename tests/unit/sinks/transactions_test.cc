// Whose a transaction is, by its name; and which ones are ended. What Snowflake makes of it is told by the kill matrix.
#include "sinks/snowflake/transactions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/run_id.h"
#include "imednet/errors.h"
#include "sinks/snowflake/transaction_statements.h"
#include "unit/sinks/processes.h"

namespace imednet::sinks::snowflake {
namespace {

using core::Liveness;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kRun = "20260115T120000Z-0a0b0c0d";

TransactionOwner owner(const std::string& name) { return owner_of_transaction(name, core::this_process()); }

TEST(TransactionNames, SayTheRunAndWhetherItsProcessLives) {
  const struct {
    core::ProcessIdentity process;
    Liveness liveness;
  } cases[] = {{core::this_process(), Liveness::alive}, {dead_process(), Liveness::dead}, {process_elsewhere(), Liveness::elsewhere}};
  for (const auto& one : cases) {
    const TransactionOwner found = owner(transaction_name(one.process, kRun));
    EXPECT_EQ(found.run, "20260115T120000Z0A0B0C0D");
    EXPECT_EQ(found.liveness, one.liveness);
  }
}

TEST(TransactionNames, AreStatementsWords) {
  const std::string name = transaction_name(core::this_process(), kRun);
  EXPECT_EQ(begin_transaction(name).text(), "BEGIN TRANSACTION NAME " + name);
  EXPECT_LT(name.size(), 100U);
}

TEST(TransactionNames, OfAPlaceThatIsNotKnownAreOfNobodyKnownToBeDead) {
  core::ProcessIdentity nowhere = dead_process();
  nowhere.boot_id.clear();
  const std::string name = transaction_name(nowhere, kRun);
  EXPECT_EQ(owner(name).liveness, Liveness::elsewhere);
  EXPECT_EQ(owner_of_transaction(name, nowhere).liveness, Liveness::elsewhere);
}

TEST(TransactionNames, OfOthersAreNotOurs) {
  for (const char* name : {"", "56cd9f21-61b3-4f5d-9be7-7ea3b3a3f2f3", "T1", "IMEDNET_", "IMEDNET_IMPORT", "IMEDNET_A_0_1",
                           "IMEDNET_A_0_1_2_3", "IMEDNET_A_0_-1_2", "IMEDNET_A_0_x_2", "IMEDNET__0_1_2", "MY_IMEDNET_A_0_1_2"}) {
    EXPECT_EQ(owner(name).run, "") << name;
    EXPECT_NE(owner(name).liveness, Liveness::dead) << name;
  }
}

class Ending : public testing::Test {
 protected:
  void add(int id, const std::string& name) {
    answer.columns = {"id", "user", "session", "name", "started_on", "state", "scope"};
    answer.rows.push_back({std::to_string(id), "LOADER", std::to_string(id + 1000), name, "2026-01-15", "running", "0"});
  }
  LeaseDeps deps() {
    return {.run =
                [this](const SqlText& sql, std::string_view) {
                  if (!failing.empty() && sql.text().find(failing) != std::string::npos) throw ImednetError("it was refused", {});
                  if (sql.text() == "SHOW TRANSACTIONS") return answer;
                  sent.push_back(sql.text());
                  return db::Answer{};
                },
            .attempt = [](std::string_view, const std::function<void()>& action) { action(); },
            .clock = core::system_clock()};
  }
  OnWarning warn() {
    return [this](const std::string& warning) { warnings.push_back(warning); };
  }

  db::Answer answer;
  std::string failing;
  std::vector<std::string> sent, warnings;
};

TEST_F(Ending, OnlyTransactionsOfTheDeadOfThisMachineAreAborted) {
  add(1, transaction_name(core::this_process(), kRun));
  add(2, transaction_name(dead_process(), kRun));
  add(3, transaction_name(process_elsewhere(), kRun));
  add(4, "56cd9f21-61b3-4f5d-9be7-7ea3b3a3f2f3");
  std::string folded = transaction_name(dead_process(), "20260115T120001Z-00000000");
  std::ranges::transform(folded, folded.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  add(5, folded);
  EXPECT_EQ(abort_transactions_of_the_dead(deps(), warn()), 2);
  EXPECT_THAT(sent, ElementsAre("SELECT SYSTEM$ABORT_TRANSACTION(2)", "SELECT SYSTEM$ABORT_TRANSACTION(5)"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(Ending, ARunThatLostItsLeaseLosesItsSession) {
  add(1, transaction_name(process_elsewhere(), kRun));
  add(2, transaction_name(process_elsewhere(), "20260115T120001Z-00000000"));
  add(3, "T1");
  EXPECT_EQ(end_sessions_of(deps(), {kRun, ""}, warn()), 1);
  EXPECT_THAT(sent, ElementsAre("SELECT SYSTEM$ABORT_SESSION(1001)"));
}

TEST_F(Ending, WhatIsRefusedIsAWarningAndTheOthersAreEnded) {
  add(1, transaction_name(dead_process(), kRun));
  add(2, transaction_name(dead_process(), kRun));
  failing = "TRANSACTION(1)";
  EXPECT_EQ(abort_transactions_of_the_dead(deps(), warn()), 1);
  EXPECT_THAT(sent, ElementsAre("SELECT SYSTEM$ABORT_TRANSACTION(2)"));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("it was refused")));
  failing = "SHOW";
  EXPECT_EQ(abort_transactions_of_the_dead(deps(), warn()), 0);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("it was refused"), HasSubstr("could not be looked up")));
}

}  // namespace
}  // namespace imednet::sinks::snowflake
