#include "sandbox/snowflake/statement_orders.h"

#include <gtest/gtest.h>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

TEST(StatementOrders, AnOrderFiresFromItsNthMatchAsOftenAsItSays) {
  StatementOrders orders;
  orders.add({{"match", {{"statement_contains", "copy into"}, {"nth", 2}, {"times", 2}}}, {"do", {{"fail", {{"code", "000625"}}}}}});
  std::string fired;
  for (const char* text : {"COPY INTO t", "SELECT 1", "Copy Into t", "COPY INTO t", "COPY INTO t"}) {
    const auto fault = orders.fault_for(text);
    fired += fault ? "x" : ".";
    if (fault) {
      EXPECT_EQ(fault->code, "000625");
    }
  }
  EXPECT_EQ(fired, "..xx.");
  EXPECT_EQ(orders.list()[0]["matched"], 4);
  EXPECT_EQ(orders.list()[0]["fired"], 2);
  orders.clear();
  EXPECT_TRUE(orders.list().empty());
}

TEST(StatementOrders, AMisspeltOrderIsRefused) {
  StatementOrders orders;
  for (const char* text : {R"({"match":{"contains":"x"},"do":{"lose_upload":true}})", R"({"do":{}})", R"({"do":{"fail":{}}})",
                           R"({"do":{"fail":{"code":"x"}}})", R"({"match":{"nth":0},"do":{"lose_upload":true}})",
                           R"({"do":{"lose_upload":true,"fail":{"code":"1"}}})", R"({"todo":{}})", "[1]", R"({"do":{"expire":"all"}})",
                           R"({"do":{"copy_rows":-1}})", R"({"do":{"copy_rows":"2"}})", R"({"do":{"cut_answers":1,"copy_nothing":true}})",
                           R"({"do":{"delay_ms":600001}})", R"({"do":{"after_running":true}})", R"({"do":{"say":{"n":1}}})",
                           R"({"do":{"say":"n"}})", R"({"do":{"forget_rows":-1}})"}) {
    EXPECT_THROW(orders.add(Json::parse(text)), std::exception) << text;
  }
  EXPECT_TRUE(orders.list().empty());
}

class StatementOrdersServed : public ::testing::Test {
 protected:
  void order(const Json& body, int status = 200) { EXPECT_EQ(tell(server.port(), "orders", body), status); }
  void order(const std::string& statement, const Json& what, int64_t times = 1) {
    order({{"match", {{"statement_contains", statement}, {"times", times}}}, {"do", what}});
  }
  Json seen(const std::string& what) { return ask(server.port(), what); }
  // How often the orders fired, in the order they were given.
  std::string fired() {
    std::string out;
    for (const Json& one : seen("orders")) out += (out.empty() ? "" : " ") + one["fired"].dump();
    return out;
  }
  // Two files of three rows each on the stage, and a table for them.
  void stage_files() {
    for (const char* name : {"f.parquet", "g.parquet"}) {
      write_parquet(dir.path() / name, std::string("SELECT range AS a, '") + name + "' AS b FROM range(3)");
      ASSERT_EQ(put_file(client, dir.path() / name, "@MY_STAGE/x"), "");
    }
    ASSERT_EQ(client.code("CREATE TABLE t (a INT, b VARCHAR)"), "");
  }
  static constexpr const char* kCopy =
      "COPY INTO t FROM @MY_STAGE/x FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE";

  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client client{server.port()};
};

TEST_F(StatementOrdersServed, AStatementFailsBeforeOrAfterItsEffect) {
  ASSERT_EQ(client.code("CREATE TABLE t (a INT)"), "");
  order({{"match", {{"statement_contains", "VALUES (1)"}}}, {"do", {{"fail", {{"code", "000625"}, {"sql_state", "57014"}}}}}});
  order({{"match", {{"statement_contains", "VALUES (2)"}}}, {"do", {{"fail", {{"code", "000630"}}}, {"after_running", true}}}});
  EXPECT_EQ(client.code("INSERT INTO t VALUES (1)"), "000625");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "0");
  EXPECT_EQ(client.code("INSERT INTO t VALUES (2)"), "000630");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "1");
  EXPECT_EQ(client.code("INSERT INTO t VALUES (1)"), "");
  order({{"do", "nothing"}}, 400);
}

TEST_F(StatementOrdersServed, AnUploadIsLostThoughTheClientSucceeds) {
  write_parquet(dir.path() / "f.parquet", "SELECT 1 AS a");
  order({{"match", {{"statement_contains", "PUT"}}}, {"do", {{"lose_upload", true}}}});
  EXPECT_EQ(put_file(client, dir.path() / "f.parquet", "@MY_STAGE/x"), "");
  EXPECT_EQ(client.rows("LIST @MY_STAGE/"), "");
  EXPECT_EQ(put_file(client, dir.path() / "f.parquet", "@MY_STAGE/x"), "");
  EXPECT_NE(client.rows("LIST @MY_STAGE/"), "");
}

TEST_F(StatementOrdersServed, TheAnswerIsCutAfterTheEffectAndARepeatedRequestDoesNotRunAgain) {
  ASSERT_EQ(client.code("CREATE TABLE t (a INT)"), "");
  order("INSERT", {{"cut_answers", 2}});
  const std::string insert = "INSERT INTO t VALUES (1)";
  EXPECT_EQ(client.run(insert, "the-request")["code"], "transport");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "1") << "it had its effect";
  EXPECT_EQ(client.run(insert, "the-request")["code"], "transport") << "the repetition too";
  EXPECT_EQ(client.run(insert, "the-request")["data"]["rowset"][0][0], "1");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "1");
  EXPECT_EQ(fired(), "1");
}

TEST_F(StatementOrdersServed, ACommitWhoseAnswerIsLostIsCommitted) {
  ASSERT_EQ(client.code("CREATE TABLE t (a INT)"), "");
  order("COMMIT", {{"cut_answers", 1}});
  client.code("BEGIN");
  client.code("INSERT INTO t VALUES (1)");
  EXPECT_EQ(client.code("COMMIT"), "transport");
  Client other(server.port());
  EXPECT_EQ(other.rows("SELECT COUNT(*) FROM t"), "1");
}

TEST_F(StatementOrdersServed, APutWhoseAnswerIsLostIsRegistered) {
  write_parquet(dir.path() / "f.parquet", "SELECT 1 AS a");
  order("PUT", {{"cut_answers", 1}});
  EXPECT_EQ(put_file(client, dir.path() / "f.parquet", "@MY_STAGE/x"), "transport");
  EXPECT_EQ(put_file(client, dir.path() / "f.parquet", "@MY_STAGE/x"), "");
  EXPECT_EQ(fired(), "1");
}

TEST_F(StatementOrdersServed, ADelayedStatementRunsOnWithoutItsClientAndCanBeCancelled) {
  stage_files();
  order("COPY", {{"delay_ms", 300}});
  EXPECT_EQ(client.run(kCopy, "", {{"asyncExec", true}})["code"], "333334");
  const std::string id = wait_for_running(server.port(), kCopy);
  EXPECT_NE(id, "");
  Client other(server.port());
  EXPECT_EQ(other.rows("SELECT execution_status FROM TABLE(information_schema.query_history()) WHERE query_id = '" + id + "'"), "RUNNING");
  EXPECT_EQ(other.rows("SELECT COUNT(*) FROM t"), "0");
  EXPECT_TRUE(client.get("/queries/" + id + "/result")["success"].get<bool>());
  EXPECT_EQ(other.rows("SELECT COUNT(*) FROM t"), "6");
  order("COPY", {{"delay_ms", 600000}});
  const std::string forced = std::string(kCopy) + " FORCE = TRUE";
  client.run(forced, "", {{"asyncExec", true}});
  const std::string slow = wait_for_running(server.port(), forced);
  other.code("SELECT SYSTEM$CANCEL_QUERY('" + slow + "')");
  EXPECT_EQ(client.get("/queries/" + slow + "/result")["code"], "000604");
  EXPECT_EQ(other.rows("SELECT COUNT(*) FROM t"), "6");
}

TEST_F(StatementOrdersServed, ACopyLoadsAPartOfEachFile) {
  stage_files();
  order("COPY", {{"copy_rows", 2}});
  EXPECT_EQ(client.rows(kCopy),
            "my_stage/x/f.parquet|PARTIALLY_LOADED|3|2|3|1|Ordered to load a part of the file.|3|1|NULL;"
            "my_stage/x/g.parquet|PARTIALLY_LOADED|3|2|3|1|Ordered to load a part of the file.|3|1|NULL");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "4");
}

TEST_F(StatementOrdersServed, ACopySaysSuccessAndLoadsNothing) {
  stage_files();
  order("COPY", {{"copy_nothing", true}});
  EXPECT_EQ(client.rows(kCopy), "Copy executed with 0 files processed.");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "0");
  EXPECT_EQ(client.code(kCopy), "");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "6") << "and forgets nothing";
}

TEST_F(StatementOrdersServed, AnAnswerIsFalseAndTheEffectIsNot) {
  stage_files();
  order("COPY", {{"say", {{"rows_loaded", "9"}, {"status", "LOAD_FAILED"}}}, {"forget_rows", 1}});
  EXPECT_EQ(client.rows(kCopy), "my_stage/x/f.parquet|LOAD_FAILED|3|9|1|0|NULL|NULL|NULL|NULL");
  EXPECT_EQ(client.rows("SELECT COUNT(*) AS n FROM t"), "6");
  order("SELECT COUNT", {{"say", {{"N", "7"}}}});
  EXPECT_EQ(client.rows("SELECT COUNT(*) AS n FROM t"), "7");
  order("SELECT COUNT", {{"forget_rows", 5}});
  EXPECT_EQ(client.rows("SELECT COUNT(*) AS n FROM t"), "");
  order("SELECT COUNT", {{"say", {{"M", "7"}}}});
  EXPECT_EQ(client.code("SELECT COUNT(*) AS n FROM t"), "000603") << "a column that is not there";
  EXPECT_EQ(client.rows("SELECT COUNT(*) AS n FROM t"), "6");
}

TEST_F(StatementOrdersServed, ASessionExpiresBeforeAStatementAndIsRenewedOrNot) {
  ASSERT_EQ(client.code("CREATE TABLE t (a INT)"), "");
  const Json login = client.login()["data"];
  order("INSERT", {{"expire", "token"}});
  EXPECT_EQ(client.run("INSERT INTO t VALUES (1)", "the-request")["code"], "390112");
  const std::string expired = client.token();
  const auto renew = [&](const std::string& old) {
    client.token() = login["masterToken"];
    return client.post("/session/token-request", {{"oldSessionToken", old}, {"requestType", "RENEW"}});
  };
  const Json renewed = renew(expired);
  ASSERT_TRUE(renewed["success"].get<bool>()) << renewed;
  client.token() = renewed["data"]["sessionToken"];
  EXPECT_EQ(client.run("INSERT INTO t VALUES (1)", "the-request")["success"], true) << "the repetition runs";
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "1");
  order("SELECT 2", {{"expire", "master"}});
  EXPECT_EQ(client.code("SELECT 2"), "390112");
  EXPECT_EQ(renew(renewed["data"]["sessionToken"])["code"], "390114");
  EXPECT_EQ(fired(), "1 1");
}

TEST_F(StatementOrdersServed, SomebodyElseDropsTheTableOrTheWarehouseMeanwhile) {
  stage_files();
  order("COPY INTO t", {{"run", "DROP TABLE t"}});
  EXPECT_EQ(client.code(kCopy), "002003");
  ASSERT_EQ(client.code("CREATE TABLE t (a INT, b VARCHAR)"), "");
  order("SELECT 'after'", {{"run", "INSERT INTO t VALUES (9, 'other')"}, {"after_running", true}});
  EXPECT_EQ(client.rows("SELECT 'after', COUNT(*) FROM t"), "after|0");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "1");
  order("UPDATE t", {{"run", "DROP WAREHOUSE compute_wh"}});
  EXPECT_EQ(client.code("UPDATE t SET a = 1"), "000606");
  order("SELECT 3", {{"run", "DROP TABLE nosuch"}});
  EXPECT_EQ(client.code("SELECT 3"), "000603") << "an order that can't be carried out is told";
  EXPECT_EQ(fired(), "1 1 1 1");
}

TEST_F(StatementOrdersServed, WhatWasSeenIsToldWithoutSecrets) {
  client.run("SELECT 'here'");
  const Json logins = seen("logins"), statements = seen("statements");
  ASSERT_FALSE(logins.empty());
  EXPECT_EQ(logins.back()["LOGIN_NAME"], "loader");
  EXPECT_EQ(logins.dump().find("secret"), std::string::npos);
  ASSERT_FALSE(statements.empty());
  EXPECT_EQ(statements.back()["text"], "SELECT 'here'");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
