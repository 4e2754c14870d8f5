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

TEST_F(GrantsTest, FutureGrantsComeTrueWhenTheObjectIsMade) {
  ASSERT_EQ(admin.code("GRANT SELECT, INSERT ON FUTURE TABLES IN SCHEMA imednet_db.public TO ROLE reader"), "");
  EXPECT_EQ(reader.code("SELECT * FROM t"), "002003") << "not for what is there already";
  ASSERT_EQ(admin.code("CREATE TABLE later (a INT)"), "");
  EXPECT_EQ(reader.code("INSERT INTO later VALUES (1)"), "");
  EXPECT_EQ(reader.code("DELETE FROM later"), "003001");
  ASSERT_EQ(admin.code("GRANT DELETE ON FUTURE TABLES IN DATABASE imednet_db TO ROLE reader"), "");
  ASSERT_EQ(admin.code("CREATE OR REPLACE TABLE later (a INT)"), "");
  EXPECT_EQ(reader.code("DELETE FROM later"), "003001") << "the schema's hide the database's";
  ASSERT_EQ(admin.code("REVOKE SELECT, INSERT ON FUTURE TABLES IN SCHEMA imednet_db.public FROM ROLE reader"), "");
  ASSERT_EQ(admin.code("CREATE OR REPLACE TABLE later (a INT)"), "");
  EXPECT_EQ(reader.code("DELETE FROM later"), "");
  EXPECT_EQ(reader.code("SELECT * FROM later"), "003001") << "made anew, it has none of its old grants";
  const Json shown = admin.run("SHOW FUTURE GRANTS IN DATABASE imednet_db")["data"]["rowset"];
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0][1], "DELETE");
  EXPECT_EQ(shown[0][3], "IMEDNET_DB.<TABLE>");
  ASSERT_EQ(admin.code("GRANT SELECT ON ALL TABLES IN SCHEMA imednet_db.public TO ROLE reader"), "");
  EXPECT_EQ(reader.code("SELECT * FROM t"), "");
}

TEST_F(GrantsTest, GrantsAreShownByObjectRoleAndUser) {
  ASSERT_EQ(admin.code("GRANT SELECT, INSERT ON TABLE t TO ROLE reader"), "");
  ASSERT_EQ(admin.code("CREATE ROLE upper_role"), "");
  ASSERT_EQ(admin.code("GRANT ROLE reader TO ROLE upper_role"), "");
  const auto columns = [&](const std::string& sql, std::initializer_list<size_t> which) {
    std::string out;
    const Json answer = admin.run(sql);
    for (const Json& row : answer["data"]["rowset"]) {
      for (const size_t at : which) out += row[at].get<std::string>() + " ";
      out.back() = ';';
    }
    return out;
  };
  EXPECT_EQ(columns("SHOW GRANTS ON TABLE t", {1, 3, 5}),
            "INSERT IMEDNET_DB.PUBLIC.T READER;SELECT IMEDNET_DB.PUBLIC.T READER;OWNERSHIP IMEDNET_DB.PUBLIC.T SYSADMIN;");
  EXPECT_EQ(columns("SHOW GRANTS TO ROLE reader", {1, 2, 3}),
            "INSERT TABLE IMEDNET_DB.PUBLIC.T;SELECT TABLE IMEDNET_DB.PUBLIC.T;USAGE DATABASE IMEDNET_DB;USAGE SCHEMA IMEDNET_DB.PUBLIC;"
            "USAGE WAREHOUSE COMPUTE_WH;");
  EXPECT_EQ(columns("SHOW GRANTS TO ROLE upper_role", {1, 2, 3}), "USAGE ROLE READER;");
  EXPECT_EQ(columns("SHOW GRANTS OF ROLE reader", {1, 2, 3}), "READER ROLE UPPER_ROLE;READER USER LOADER;");
  EXPECT_EQ(columns("SHOW GRANTS TO USER loader", {1}), columns("SHOW GRANTS", {1}));
  EXPECT_NE(columns("SHOW GRANTS", {1}).find("READER;"), std::string::npos);
  EXPECT_EQ(columns("SHOW ROLES LIKE 'up%'", {1, 7}), "UPPER_ROLE 1;");
  EXPECT_EQ(admin.code("SHOW GRANTS TO ROLE nosuch"), "002003");
  EXPECT_EQ(admin.code("SHOW GRANTS ON TABLE nosuch"), "002003");
}

TEST_F(GrantsTest, ARoleHasWhatTheRolesBelowItHave) {
  for (const char* sql : {"CREATE ROLE upper_role", "GRANT ROLE reader TO ROLE upper_role", "GRANT ROLE upper_role TO USER loader",
                          "GRANT SELECT ON TABLE t TO ROLE reader"})
    ASSERT_EQ(admin.code(sql), "") << sql;
  ASSERT_EQ(reader.code("USE ROLE upper_role"), "");
  EXPECT_EQ(reader.code("SELECT * FROM t"), "");
  ASSERT_EQ(admin.code("REVOKE ROLE reader FROM ROLE upper_role"), "");
  EXPECT_EQ(reader.code("SELECT * FROM t"), "002003");
}

TEST_F(GrantsTest, GrantingIsForOwnersAndAdministrators) {
  ASSERT_EQ(admin.code("GRANT CREATE TABLE ON SCHEMA imednet_db.public TO ROLE reader"), "");
  ASSERT_EQ(reader.code("CREATE TABLE mine (a INT)"), "");
  EXPECT_EQ(reader.code("GRANT SELECT ON TABLE mine TO ROLE public"), "");
  EXPECT_EQ(reader.code("GRANT USAGE ON WAREHOUSE compute_wh TO ROLE public"), "003001");
  EXPECT_EQ(reader.code("CREATE ROLE another"), "003001");
  EXPECT_EQ(reader.code("CREATE USER another"), "003001");
  EXPECT_EQ(reader.code("GRANT ROLE accountadmin TO ROLE reader"), "003001");
  EXPECT_EQ(reader.code("ALTER TABLE mine RENAME TO still_mine"), "");
  EXPECT_EQ(reader.code("DROP TABLE still_mine"), "");
}

TEST(GrantsRestart, RolesAndGrantsOutliveARestart) {
  TempDir dir;
  {
    SnowflakeServer server(options_in(dir.path()));
    Client admin(server.port());
    for (const char* sql : {"CREATE TABLE t (a INT)", "CREATE ROLE reader COMMENT = 'kept'", "GRANT ROLE reader TO USER loader",
                            "GRANT USAGE ON DATABASE imednet_db TO ROLE reader", "GRANT USAGE ON SCHEMA imednet_db.public TO ROLE reader",
                            "GRANT USAGE ON WAREHOUSE compute_wh TO ROLE reader", "GRANT SELECT ON TABLE t TO ROLE reader",
                            "GRANT INSERT ON FUTURE TABLES IN SCHEMA imednet_db.public TO ROLE reader"})
      ASSERT_EQ(admin.code(sql), "") << sql;
  }
  SnowflakeServer server(options_in(dir.path()));
  Client admin(server.port());
  ASSERT_EQ(admin.code("CREATE TABLE u (a INT)"), "");
  EXPECT_NE(admin.rows("SHOW ROLES LIKE 'reader'").find("kept"), std::string::npos);
  ASSERT_EQ(admin.code("USE ROLE reader"), "");
  EXPECT_EQ(admin.code("SELECT * FROM t"), "");
  EXPECT_EQ(admin.code("INSERT INTO t VALUES (1)"), "003001");
  EXPECT_EQ(admin.code("INSERT INTO u VALUES (1)"), "");
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
