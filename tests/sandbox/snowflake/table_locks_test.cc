#include "sandbox/snowflake/table_locks.h"

#include <gtest/gtest.h>

#include <future>

#include "client.h"
#include "sandbox/snowflake/sql_error.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

// Sessions of one server that change the same tables.
class TableLocksServed : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* sql : {"CREATE TABLE t (id INT, x VARCHAR)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')", "CREATE TABLE u (id INT)"})
      ASSERT_EQ(first.code(sql), "") << sql;
  }
  std::future<std::string> later(Client& client, const std::string& sql) {
    auto answer = std::async(std::launch::async, [&client, sql] { return client.code(sql); });
    EXPECT_TRUE(becomes_blocked(sql)) << sql;
    return answer;
  }
  // It shows as running before it asks for its lock.
  bool becomes_blocked(const std::string& sql) {
    Client witness{server.port()};
    for (int looks = 0; looks < 1000; ++looks) {
      const std::string found =
          witness.rows("SELECT execution_status FROM TABLE(information_schema.query_history()) WHERE query_text = $$" + sql + "$$");
      if (found == "BLOCKED") return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  static bool is_waiting(const std::future<std::string>& answer) {
    return answer.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout;
  }

  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client first{server.port()};
  Client second{server.port()};
};

TEST_F(TableLocksServed, ASecondWriterWaitsUntilTheFirstCommits) {
  first.code("BEGIN");
  ASSERT_EQ(first.code("UPDATE t SET x = 'first' WHERE id = 1"), "");
  auto waiting = later(second, "UPDATE t SET x = x || '+second' WHERE id = 1");
  EXPECT_TRUE(is_waiting(waiting));
  EXPECT_EQ(first.rows("SELECT execution_status FROM TABLE(information_schema.query_history()) WHERE query_text LIKE 'UPDATE%+second%'"),
            "BLOCKED");
  EXPECT_EQ(first.code("COMMIT"), "");
  EXPECT_EQ(waiting.get(), "");
  EXPECT_EQ(first.rows("SELECT x FROM t WHERE id = 1"), "first+second");
}

TEST_F(TableLocksServed, CompareAndSetLetsOneOfTwoWin) {
  first.code("BEGIN");
  EXPECT_EQ(first.rows("UPDATE t SET x = 'mine' WHERE id = 1 AND x = 'a'"), "1|0");
  auto waiting = std::async(std::launch::async, [&] { return second.rows("UPDATE t SET x = 'theirs' WHERE id = 1 AND x = 'a'"); });
  first.code("COMMIT");
  EXPECT_EQ(waiting.get(), "0|0");
  EXPECT_EQ(second.rows("SELECT x FROM t WHERE id = 1"), "mine");
}

TEST_F(TableLocksServed, LockTimeoutEndsTheWait) {
  first.code("BEGIN");
  first.code("DELETE FROM t WHERE id = 2");
  second.code("ALTER SESSION SET LOCK_TIMEOUT = 0");
  const Json refused = second.run("UPDATE t SET x = 'z'");
  EXPECT_EQ(refused["code"], "000625");
  EXPECT_EQ(refused["data"]["sqlState"], "57014");
  EXPECT_NE(refused["message"].get<std::string>().find("locked table 'T'"), std::string::npos) << refused["message"];
  second.code("ALTER SESSION SET LOCK_TIMEOUT = 60");
  auto waiting = later(second, "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE");
  EXPECT_TRUE(is_waiting(waiting));
  move_clock(server.port(), 61);
  EXPECT_EQ(waiting.get(), "000625");
}

TEST_F(TableLocksServed, StatementTimeoutEndsTheWaitToo) {
  first.code("BEGIN");
  first.code("UPDATE t SET x = 'z'");
  second.code("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 30");
  auto waiting = later(second, "DELETE FROM t");
  EXPECT_TRUE(is_waiting(waiting));
  move_clock(server.port(), 31);
  EXPECT_EQ(waiting.get(), "000630");
}

TEST_F(TableLocksServed, InsertsDoNotWaitForEachOther) {
  first.code("BEGIN");
  ASSERT_EQ(first.code("INSERT INTO t VALUES (3, 'c')"), "");
  EXPECT_EQ(second.code("INSERT INTO t VALUES (4, 'd')"), "");
  EXPECT_EQ(second.code("UPDATE t SET x = 'all'"), "") << "an INSERT that is not committed does not hold the table";
  EXPECT_EQ(first.rows("SELECT LISTAGG(x, ',') WITHIN GROUP (ORDER BY id) FROM t"), "all,all,c,all");
  first.code("COMMIT");
}

TEST_F(TableLocksServed, ATransactionThatWroteReadsWhatOthersCommitMeanwhile) {
  first.code("BEGIN");
  ASSERT_EQ(first.code("UPDATE t SET x = 'mine' WHERE id = 1"), "");
  ASSERT_EQ(second.code("INSERT INTO u VALUES (7)"), "");
  EXPECT_EQ(first.rows("SELECT id FROM u"), "7");
  EXPECT_EQ(first.rows("SELECT x FROM t WHERE id = 1"), "mine");
  EXPECT_EQ(second.rows("SELECT x FROM t WHERE id = 1"), "a") << "not before the commit";
  EXPECT_EQ(first.code("COMMIT"), "");
  EXPECT_EQ(second.rows("SELECT x FROM t WHERE id = 1"), "mine");
}

TEST_F(TableLocksServed, ADeadlockIsRefusedAndTheTransactionStaysOpen) {
  first.code("BEGIN");
  second.code("BEGIN");
  first.code("UPDATE t SET x = 'first'");
  ASSERT_EQ(second.code("DELETE FROM u"), "");
  auto waiting = later(first, "DELETE FROM u WHERE id > 0");
  EXPECT_EQ(second.code("UPDATE t SET x = 'second'"), "000625");
  EXPECT_TRUE(is_waiting(waiting));
  EXPECT_EQ(second.code("ROLLBACK"), "");
  EXPECT_EQ(waiting.get(), "");
  EXPECT_EQ(first.code("COMMIT"), "");
  EXPECT_EQ(second.rows("SELECT DISTINCT x FROM t"), "first");
}

TEST_F(TableLocksServed, AnIdleTransactionThatBlocksIsAborted) {
  first.code("BEGIN");
  first.code("UPDATE t SET x = 'never committed'");
  auto waiting = later(second, "UPDATE t SET x = 'second'");
  EXPECT_TRUE(is_waiting(waiting));
  move_clock(server.port(), 301);
  EXPECT_EQ(waiting.get(), "");
  first.code("COMMIT");
  EXPECT_EQ(first.rows("SELECT DISTINCT x FROM t"), "second");
}

TEST_F(TableLocksServed, ClosingASessionFreesItsTables) {
  first.code("BEGIN");
  first.code("UPDATE t SET x = 'gone'");
  auto waiting = later(second, "UPDATE t SET x = x || '!' WHERE id = 1");
  first.close();
  EXPECT_EQ(waiting.get(), "");
  EXPECT_EQ(second.rows("SELECT x FROM t ORDER BY id"), "a!;b");
}

TEST_F(TableLocksServed, AnotherSessionCancelsAStatementOrEndsTheSession) {
  first.code("BEGIN");
  first.code("UPDATE t SET x = 'held'");
  const std::string update = "UPDATE t SET x = 'second'";
  auto waiting = std::async(std::launch::async, [&] { return second.code(update); });
  const std::string id = wait_for_running(server.port(), update);
  EXPECT_EQ(first.rows("SELECT SYSTEM$CANCEL_QUERY('" + id + "')"), "query [" + id + "] terminated.");
  EXPECT_EQ(waiting.get(), "000604");
  EXPECT_EQ(first.rows("SELECT system$cancel_query('" + id + "')"), "Identified SQL statement is not currently executing.");
  const std::string session = first.rows("SELECT CURRENT_SESSION()");
  EXPECT_EQ(second.rows("SELECT SYSTEM$ABORT_SESSION(" + session + ")"), "session [" + session + "] terminated.");
  EXPECT_EQ(first.code("SELECT 1"), "390111");
  EXPECT_EQ(second.code(update), "");
  EXPECT_EQ(second.code("SELECT SYSTEM$ABORT_SESSION(1)"), "001008");
  EXPECT_EQ(second.code("SELECT SYSTEM$WHITELIST()"), "002140");
}

TEST_F(TableLocksServed, AnotherSessionFindsATransactionByItsNameAndAbortsIt) {
  ASSERT_EQ(first.code("BEGIN TRANSACTION NAME import_7"), "");
  first.code("UPDATE t SET x = 'never committed'");
  second.code("BEGIN WORK NAME \"other one\"");
  const std::string id = first.rows("SELECT CURRENT_TRANSACTION()");
  const std::string session = first.rows("SELECT CURRENT_SESSION()");
  const std::string shown = second.rows("SHOW TRANSACTIONS");
  EXPECT_NE(shown.find(id + "|LOADER|" + session + "|IMPORT_7|"), std::string::npos) << shown;
  EXPECT_NE(shown.find("|other one|"), std::string::npos) << shown;
  auto waiting = later(second, "UPDATE t SET x = 'second'");
  EXPECT_TRUE(is_waiting(waiting));
  Client third(server.port());
  EXPECT_EQ(third.rows("SELECT SYSTEM$ABORT_TRANSACTION(" + id + ")"), "Transaction " + id + " aborted.");
  EXPECT_EQ(waiting.get(), "");
  EXPECT_EQ(third.rows("SELECT SYSTEM$ABORT_TRANSACTION(" + id + ")"), "Transaction " + id + " is not running.");
  EXPECT_EQ(first.code("COMMIT"), "");
  second.code("COMMIT");
  EXPECT_EQ(third.rows("SELECT DISTINCT x FROM t"), "second");
  EXPECT_EQ(third.rows("SHOW TRANSACTIONS"), "");
}

TEST_F(TableLocksServed, AnAbortedTransactionsStatementIsCancelled) {
  first.code("BEGIN");
  first.code("UPDATE t SET x = 'held'");
  second.code("BEGIN NAME blocked");
  ASSERT_EQ(second.code("INSERT INTO u VALUES (7)"), "");
  const std::string id = second.rows("SELECT CURRENT_TRANSACTION()");
  auto waiting = later(second, "UPDATE t SET x = 'second'");
  EXPECT_EQ(first.rows("SELECT SYSTEM$ABORT_TRANSACTION(" + id + ")"), "Transaction " + id + " aborted.");
  EXPECT_EQ(waiting.get(), "000604");
  EXPECT_EQ(second.rows("SELECT COUNT(*) FROM u"), "0");
}

TEST(TableLocks, TwentyWaitersAreTheMost) {
  TableLocks locks;
  TableLocks::Request request;
  request.session = "holder";
  request.query_id = "the-holding-statement";
  request.table = 1;
  request.table_name = "T";
  request.change = RowChange::alters;
  request.now_us = [] { return 0; };
  locks.take(request);
  std::atomic<bool> give_up = false;
  std::vector<std::future<void>> waiters;
  for (int i = 0; i < 20; ++i) {
    TableLocks::Request other = request;
    other.session = "waiter " + std::to_string(i);
    other.wait_seconds = 1;
    other.while_waiting = [&](const std::string&) {
      if (give_up) throw SqlError("000604", "57014", "given up");
    };
    waiters.push_back(std::async(std::launch::async, [&locks, other] { EXPECT_THROW(locks.take(other), SqlError); }));
    for (int looks = 0; looks < 1000 && !locks.waits(other.session); ++looks) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  TableLocks::Request one_more = request;
  one_more.session = "one more";
  one_more.wait_seconds = 1;
  try {
    locks.take(one_more);
    ADD_FAILURE() << "it was let in";
  } catch (const SqlError& error) {
    EXPECT_EQ(error.code(), "000625");
    EXPECT_NE(std::string(error.what()).find("the-holding-statement"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("20 statements"), std::string::npos);
  }
  give_up = true;
  for (auto& waiter : waiters) waiter.get();
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
