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
                           R"({"do":{"lose_upload":true,"fail":{"code":"1"}}})", R"({"todo":{}})", "[1]"}) {
    EXPECT_THROW(orders.add(Json::parse(text)), std::exception) << text;
  }
  EXPECT_TRUE(orders.list().empty());
}

class StatementOrdersServed : public ::testing::Test {
 protected:
  void order(const Json& body, int status = 200) {
    httplib::Client http("127.0.0.1", server.port());
    const auto answer = http.Post("/sandbox/orders", body.dump(), "application/json");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
  }
  Json seen(const std::string& what) {
    httplib::Client http("127.0.0.1", server.port());
    return Json::parse(http.Get("/sandbox/" + what)->body)["data"];
  }

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
