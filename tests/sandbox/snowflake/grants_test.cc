#include <gtest/gtest.h>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

class GrantsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* sql : {"CREATE TABLE t (a INT)", "CREATE ROLE reader", "GRANT ROLE reader TO USER loader",
                            "GRANT USAGE ON DATABASE imednet_db TO ROLE reader", "GRANT USAGE ON SCHEMA imednet_db.public TO ROLE reader",
                            "GRANT USAGE ON WAREHOUSE compute_wh TO ROLE reader"}) {
      ASSERT_EQ(admin.code(sql), "") << sql;
    }
    ASSERT_EQ(reader.code("USE ROLE reader"), "");
  }

  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client admin{server.port()};
  Client reader{server.port()};
};

TEST_F(GrantsTest, AnObjectWithoutAnyPrivilegeIsNotThere) {
  EXPECT_EQ(reader.code("SELECT * FROM t"), "002003");
  EXPECT_EQ(reader.code("LIST @my_stage"), "002003");
  EXPECT_EQ(reader.run("SHOW STAGES")["data"]["rowset"].size(), 0U);
  EXPECT_EQ(reader.run("SHOW TABLES")["data"]["rowset"].size(), 0U);
}

TEST_F(GrantsTest, EachPrivilegeLetsThroughItsOwnStatements) {
  ASSERT_EQ(admin.code("GRANT SELECT ON TABLE t TO ROLE reader"), "");
  EXPECT_EQ(reader.code("SELECT * FROM t"), "");
  for (const char* sql : {"INSERT INTO t VALUES (1)", "UPDATE t SET a = 2", "DELETE FROM t", "ALTER TABLE t ADD COLUMN b INT",
                          "DROP TABLE t", "TRUNCATE TABLE t", "COMMENT ON TABLE t IS 'mine'"}) {
    EXPECT_EQ(reader.code(sql), "003001") << sql;
  }
  ASSERT_EQ(admin.code("GRANT INSERT, DELETE ON TABLE t TO ROLE reader"), "");
  EXPECT_EQ(reader.code("INSERT INTO t VALUES (1)"), "");
  EXPECT_EQ(reader.code("DELETE FROM t"), "");
  ASSERT_EQ(admin.code("REVOKE INSERT ON TABLE t FROM ROLE reader"), "");
  EXPECT_EQ(reader.code("INSERT INTO t VALUES (1)"), "003001");
  ASSERT_EQ(admin.code("GRANT ALL PRIVILEGES ON TABLE t TO ROLE reader"), "");
  EXPECT_EQ(reader.code("INSERT INTO t VALUES (1)"), "");
  EXPECT_EQ(reader.code("DROP TABLE t"), "003001");
}

TEST_F(GrantsTest, ReadingAStageIsNotWritingIt) {
  ASSERT_EQ(admin.code("GRANT READ ON STAGE my_stage TO ROLE reader"), "");
  EXPECT_EQ(reader.code("LIST @my_stage"), "");
  EXPECT_EQ(reader.code("PUT 'file:///tmp/x' @my_stage"), "003001");
  EXPECT_EQ(reader.code("REMOVE @my_stage"), "003001");
  ASSERT_EQ(admin.code("GRANT WRITE ON STAGE my_stage TO ROLE reader"), "");
  EXPECT_EQ(reader.code("PUT 'file:///tmp/x' @my_stage"), "");
}

TEST_F(GrantsTest, WhoMakesATableOwnsItAndATemporaryOneNeedsNoPrivilege) {
  EXPECT_EQ(reader.code("CREATE TABLE mine (a INT)"), "003001");
  EXPECT_EQ(reader.code("CREATE TEMPORARY TABLE passing (a INT)"), "");
  EXPECT_EQ(reader.code("INSERT INTO passing VALUES (1)"), "");
  ASSERT_EQ(admin.code("GRANT CREATE TABLE ON SCHEMA imednet_db.public TO ROLE reader"), "");
  EXPECT_EQ(reader.code("CREATE TABLE mine (a INT)"), "");
  EXPECT_EQ(reader.code("INSERT INTO mine VALUES (1)"), "");
  EXPECT_EQ(reader.code("DROP TABLE mine"), "");
}

TEST_F(GrantsTest, WithoutUsageNothingBelowIsThere) {
  ASSERT_EQ(admin.code("GRANT SELECT ON TABLE t TO ROLE reader"), "");
  ASSERT_EQ(admin.code("REVOKE USAGE ON SCHEMA imednet_db.public FROM ROLE reader"), "");
  EXPECT_EQ(reader.code("SELECT * FROM t"), "002003");
  EXPECT_EQ(reader.code("USE SCHEMA imednet_db.public"), "002043");
  ASSERT_EQ(admin.code("REVOKE USAGE ON WAREHOUSE compute_wh FROM ROLE reader"), "");
  EXPECT_EQ(reader.code("USE WAREHOUSE compute_wh"), "002043");
}

TEST_F(GrantsTest, ARoleIsTakenOnlyByWhomItWasGrantedTo) {
  ASSERT_EQ(admin.code("CREATE ROLE other"), "");
  EXPECT_EQ(admin.code("USE ROLE other"), "003013");
  EXPECT_EQ(admin.code("USE ROLE nosuch"), "002043");
  EXPECT_EQ(admin.code("CREATE ROLE other"), "002002");
  EXPECT_EQ(admin.code("CREATE ROLE IF NOT EXISTS other"), "");
  ASSERT_EQ(admin.code("GRANT ROLE other TO ROLE sysadmin"), "");
  EXPECT_EQ(admin.code("USE ROLE other"), "");
  ASSERT_EQ(admin.code("USE ROLE sysadmin"), "");
  ASSERT_EQ(admin.code("DROP ROLE other"), "");
  EXPECT_EQ(admin.code("USE ROLE other"), "002043");
}

TEST_F(GrantsTest, AnUnknownRoleIsRefusedAtLogin) {
  const auto answer = [&](const std::string& role) {
    return admin.post("/session/v1/login-request?roleName=" + role,
                      {{"data", {{"ACCOUNT_NAME", "myorg-myaccount"}, {"LOGIN_NAME", "loader"}, {"PASSWORD", "secret"}}}});
  };
  EXPECT_EQ(answer("nosuch")["code"], "390189");
  const Json taken = answer("reader");
  ASSERT_TRUE(taken["success"].get<bool>()) << taken;
  EXPECT_EQ(taken["data"]["sessionInfo"]["roleName"], "READER");
}

TEST_F(GrantsTest, AnExternalStageIsKnownByNameAndTakesNoFile) {
  ASSERT_EQ(admin.code("CREATE STAGE outside URL = 's3://made-up-bucket/path/' STORAGE_INTEGRATION = made_up"), "");
  const Json shown = admin.run("SHOW STAGES LIKE 'OUTSIDE'")["data"]["rowset"][0];
  EXPECT_EQ(shown[4], "s3://made-up-bucket/path/");
  EXPECT_EQ(shown[10], "EXTERNAL");
  EXPECT_EQ(admin.code("PUT 'file:///tmp/x' @outside"), "091003");
  EXPECT_EQ(admin.code("LIST @outside"), "001003");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
