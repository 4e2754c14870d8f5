#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fstream>
#include <memory>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

// A key of this run, as ALTER USER takes it.
std::string public_key() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(out.get(), key.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<size_t>(size)};
}

class UsersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* sql : {"CREATE ROLE exporter",
                            "CREATE USER robot TYPE = SERVICE DEFAULT_ROLE = exporter DEFAULT_WAREHOUSE = compute_wh "
                            "COMMENT = 'exports'",
                            "GRANT ROLE exporter TO USER robot"})
      ASSERT_EQ(admin.code(sql), "") << sql;
  }
  // The secret of a token made for the robot.
  std::string add_token(const std::string& rest) {
    const Json answer = admin.run("ALTER USER robot ADD PROGRAMMATIC ACCESS TOKEN " + rest);
    if (!answer["success"].get<bool>()) return answer["code"];
    return answer["data"]["rowset"][0][1];
  }
  static Json with_token(const std::string& secret, const std::string& user = "robot") {
    return {{"LOGIN_NAME", user}, {"AUTHENTICATOR", "PROGRAMMATIC_ACCESS_TOKEN"}, {"TOKEN", secret}};
  }

  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client admin{server.port()};
  Client robot{server.port()};
};

TEST_F(UsersTest, ATokenSignsInWithItsRole) {
  const std::string secret = add_token("nightly ROLE_RESTRICTION = 'EXPORTER' DAYS_TO_EXPIRY = 3 COMMENT = 'made up'");
  ASSERT_GT(secret.size(), 40U) << secret;
  ASSERT_EQ(robot.sign_in(with_token(secret)), "") << robot.login();
  EXPECT_EQ(robot.rows("SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE()"), "ROBOT|EXPORTER|NULL")
      << "the role may not use the warehouse yet";
  EXPECT_EQ(robot.code("USE ROLE public"), "003013") << "the token has one role";
  EXPECT_EQ(robot.code("USE ROLE sysadmin"), "003013");
  admin.code("GRANT USAGE ON WAREHOUSE compute_wh TO ROLE exporter");
  ASSERT_EQ(robot.sign_in(with_token(secret)), "");
  EXPECT_EQ(robot.rows("SELECT CURRENT_WAREHOUSE()"), "COMPUTE_WH") << "the user's default";
  EXPECT_EQ(robot.sign_in(with_token(secret), "SYSADMIN"), "390189");
  EXPECT_EQ(robot.sign_in(with_token(secret, "loader")), "394400") << "somebody else's";
  EXPECT_EQ(robot.sign_in(with_token(secret + "x")), "394400");
}

TEST_F(UsersTest, ATokenExpiresAndIsRemoved) {
  const std::string secret = add_token("nightly ROLE_RESTRICTION = 'EXPORTER' DAYS_TO_EXPIRY = 3");
  const std::string other = add_token("weekly ROLE_RESTRICTION = 'EXPORTER' DAYS_TO_EXPIRY = 30");
  EXPECT_EQ(admin.code("ALTER USER robot REMOVE PAT weekly"), "");
  EXPECT_EQ(admin.code("ALTER USER robot REMOVE PAT weekly"), "002003");
  EXPECT_EQ(robot.sign_in(with_token(other)), "394400");
  EXPECT_EQ(robot.sign_in(with_token(secret)), "");
  move_clock(server.port(), 3 * 24 * 3600);
  EXPECT_EQ(robot.sign_in(with_token(secret)), "394400");
  Client later(server.port());
  const Json shown = later.run("SHOW USER PROGRAMMATIC ACCESS TOKENS FOR USER robot")["data"]["rowset"];
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0][0], "NIGHTLY");
  EXPECT_EQ(shown[0][2], "EXPORTER");
  EXPECT_EQ(shown[0][4], "EXPIRED");
  EXPECT_EQ(shown.dump().find(secret), std::string::npos) << "the secret is shown once";
}

TEST_F(UsersTest, WhatATokenMayNotBe) {
  EXPECT_EQ(add_token("t"), "001008") << "a service user's token needs a role";
  EXPECT_EQ(add_token("t ROLE_RESTRICTION = 'NOSUCH'"), "002003");
  EXPECT_EQ(add_token("t ROLE_RESTRICTION = 'SYSADMIN'"), "002003") << "the user does not have it";
  EXPECT_EQ(add_token("t ROLE_RESTRICTION = 'EXPORTER' DAYS_TO_EXPIRY = 366"), "001008");
  EXPECT_GT(add_token("t ROLE_RESTRICTION = 'EXPORTER'").size(), 40U);
  EXPECT_EQ(add_token("t ROLE_RESTRICTION = 'EXPORTER'"), "002002");
  EXPECT_EQ(admin.code("ALTER USER nosuch ADD PAT t"), "002003");
  EXPECT_EQ(admin.code("ALTER USER ADD PAT own"), "") << "one's own";
}

TEST_F(UsersTest, AUserIsDescribedShownChangedAndDropped) {
  EXPECT_EQ(admin.code("CREATE USER robot"), "002002");
  EXPECT_EQ(admin.code("CREATE USER IF NOT EXISTS robot TYPE = SERVICE"), "");
  EXPECT_EQ(admin.code("CREATE USER other PASSWORD = 'made-up'"), "001003");
  EXPECT_EQ(admin.code("CREATE USER other RSA_PUBLIC_KEY = 'none'"), "002047");
  EXPECT_EQ(admin.code("ALTER USER robot SET RSA_PUBLIC_KEY = '" + public_key() + "' COMMENT = 'changed'"), "");
  const std::string described = admin.rows("DESC USER robot");
  EXPECT_NE(described.find("TYPE|SERVICE"), std::string::npos) << described;
  EXPECT_NE(described.find("RSA_PUBLIC_KEY_FP|SHA256:"), std::string::npos) << described;
  EXPECT_NE(described.find("COMMENT|changed"), std::string::npos) << described;
  EXPECT_NE(admin.rows("SHOW USERS LIKE 'robot'").find("|changed|COMPUTE_WH|EXPORTER|false|true|SERVICE"), std::string::npos)
      << admin.rows("SHOW USERS LIKE 'robot'");
  EXPECT_EQ(robot.sign_in({{"LOGIN_NAME", "robot"}, {"PASSWORD", "secret"}}), "390100") << "it has no password";
  EXPECT_EQ(admin.code("ALTER USER robot UNSET RSA_PUBLIC_KEY"), "");
  EXPECT_EQ(admin.code("DROP USER robot"), "");
  EXPECT_EQ(admin.code("DROP USER robot"), "002003");
  EXPECT_EQ(admin.code("DROP USER IF EXISTS robot"), "");
  EXPECT_EQ(admin.code("DROP USER loader"), "001008") << "the server's own";
  EXPECT_EQ(admin.code("GRANT ROLE exporter TO USER robot"), "002003");
}

TEST(UsersRestart, UsersKeysAndTokensOutliveARestart) {
  TempDir dir;
  std::string secret;
  {
    SnowflakeServer server(options_in(dir.path()));
    Client admin(server.port());
    for (const std::string& sql :
         {std::string("CREATE ROLE exporter"), std::string("CREATE USER robot TYPE = SERVICE"),
          std::string("GRANT ROLE exporter TO USER robot"), "ALTER USER loader SET RSA_PUBLIC_KEY = '" + public_key() + "'"})
      ASSERT_EQ(admin.code(sql), "") << sql;
    secret = admin.run("ALTER USER robot ADD PAT t ROLE_RESTRICTION = 'EXPORTER'")["data"]["rowset"][0][1];
  }
  std::ifstream kept(dir.path() / "users.json");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(kept), {}).find(secret), std::string::npos) << "only its digest is kept";
  SnowflakeServer server(options_in(dir.path()));
  Client client(server.port());
  EXPECT_NE(client.rows("DESC USER loader").find("RSA_PUBLIC_KEY_FP|SHA256:"), std::string::npos);
  EXPECT_EQ(client.sign_in({{"LOGIN_NAME", "robot"}, {"AUTHENTICATOR", "PROGRAMMATIC_ACCESS_TOKEN"}, {"TOKEN", secret}}), "");
  EXPECT_EQ(client.rows("SELECT CURRENT_USER(), CURRENT_ROLE()"), "ROBOT|EXPORTER");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
