#include <gtest/gtest.h>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

class SignInTest : public ::testing::Test {
 protected:
  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
};

TEST_F(SignInTest, AcceptsTheAccountAndRefusesTheRest) {
  Client good(server.port());
  ASSERT_TRUE(good.login()["success"].get<bool>()) << good.login();
  EXPECT_FALSE(good.login()["data"]["masterToken"].get<std::string>().empty());
  EXPECT_TRUE(good.login()["data"]["sessionId"].is_number());
  EXPECT_EQ(good.login()["data"]["sessionInfo"]["databaseName"], "IMEDNET_DB");

  const Client bad(server.port(), "wrong");
  EXPECT_FALSE(bad.login()["success"].get<bool>());
  EXPECT_EQ(bad.login()["code"], "390100");
}

TEST_F(SignInTest, StatementsNeedASession) {
  Client client(server.port());
  client.token() = "made-up";
  EXPECT_EQ(client.code("SELECT 1"), "390104");
}

TEST_F(SignInTest, ExpiredSessionIsRenewedWithTheMasterToken) {
  Client client(server.port());
  ASSERT_EQ(client.code("CREATE TABLE kept (a INT)"), "");
  client.post("/sandbox/sessions/expire", Json::object());
  EXPECT_EQ(client.code("SELECT 1"), "390112");
  const std::string old = client.token();
  client.token() = client.login()["data"]["masterToken"];
  const Json renewed = client.post("/session/token-request", {{"oldSessionToken", old}, {"requestType", "RENEW"}});
  ASSERT_TRUE(renewed["success"].get<bool>()) << renewed;
  client.token() = renewed["data"]["sessionToken"];
  EXPECT_EQ(client.code("SELECT * FROM kept"), "");
}

TEST_F(SignInTest, ClosedSessionIsGoneAndItsTemporaryTablesToo) {
  Client client(server.port());
  ASSERT_EQ(client.code("CREATE TEMPORARY TABLE mine (a INT)"), "");
  Client other(server.port());
  EXPECT_EQ(other.code("SELECT * FROM mine"), "002003");
  client.close();
  EXPECT_EQ(client.code("SELECT 1"), "390104");
}

TEST_F(SignInTest, ContextFollowsUse) {
  Client client(server.port());
  const Json answer = client.run("CREATE SCHEMA other");
  EXPECT_EQ(answer["data"]["finalSchemaName"], "OTHER");
  EXPECT_EQ(client.rows("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_USER(), CURRENT_WAREHOUSE()"),
            "IMEDNET_DB|OTHER|LOADER|COMPUTE_WH");
  EXPECT_EQ(client.code("USE SCHEMA nosuch"), "002043");
  EXPECT_EQ(client.code("USE ROLE securityadmin"), "");
  EXPECT_EQ(client.rows("select current_role()"), "SECURITYADMIN");
  EXPECT_EQ(client.code("USE ROLE some_role"), "002043");
}

TEST_F(SignInTest, TagsAppearInTheHistory) {
  Client client(server.port());
  client.code("ALTER SESSION SET QUERY_TAG = 'run-1' TIMEZONE = 'UTC'");
  client.run("SELECT 1", "", {{"parameters", {{"QUERY_TAG", "just-this"}}}});
  client.code("SELECT nosuch");
  EXPECT_EQ(client.rows("SELECT QUERY_TAG, EXECUTION_STATUS FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION(RESULT_LIMIT => 10)) "
                        "WHERE QUERY_TEXT LIKE 'SELECT 1' OR QUERY_TEXT LIKE '%nosuch' ORDER BY START_TIME"),
            "just-this|SUCCESS;run-1|FAILED_WITH_ERROR");
  client.code("ALTER SESSION UNSET QUERY_TAG");
}

TEST_F(SignInTest, OddRequestsGetAnAnswer) {
  Client client(server.port());
  httplib::Client http("127.0.0.1", server.port());
  for (const char* body : {"", "x", "[]", "{\"sqlText\":5}", "{\"data\":[1]}"}) {
    for (const char* path :
         {"/session/v1/login-request", "/queries/v1/query-request", "/session/token-request", "/queries/v1/abort-request"}) {
      const auto answer = http.Post(path, {{"Authorization", "Snowflake Token=\"" + client.token() + "\""}}, body, "application/json");
      ASSERT_TRUE(answer) << path << body;
      EXPECT_FALSE(Json::parse(answer->body)["success"].get<bool>()) << path << body;
    }
  }
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
