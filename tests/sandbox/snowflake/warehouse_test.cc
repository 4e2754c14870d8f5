#include <gtest/gtest.h>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

class WarehouseTest : public ::testing::Test {
 protected:
  // How many statements needed the warehouse so far.
  int64_t needed() { return ask(server.port(), "warehouses")[0]["statements"]; }
  // Whether this one does.
  bool needs(const std::string& sql) {
    const int64_t before = needed();
    EXPECT_EQ(client.code(sql), "") << sql;
    return needed() > before;
  }
  std::string state() {
    const Json row = client.run("SHOW WAREHOUSES LIKE 'compute_wh'")["data"]["rowset"][0];
    return row[1];
  }

  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client client{server.port()};
};

TEST_F(WarehouseTest, OnlyStatementsThatReadOrChangeRowsNeedOne) {
  write_parquet(dir.path() / "f.parquet", "SELECT 1 AS a, 'x' AS b");
  for (const char* sql : {"CREATE TABLE t (a INT, b VARCHAR) COMMENT = 'c'",
                          "ALTER TABLE t ADD COLUMN c INT",
                          "COMMENT ON TABLE t IS 'd'",
                          "SHOW TABLES LIKE 'T'",
                          "DESC TABLE t",
                          "USE SCHEMA public",
                          "ALTER SESSION SET QUERY_TAG = 'x'",
                          "LIST @MY_STAGE",
                          "REMOVE @MY_STAGE/nothing",
                          "GET @MY_STAGE/nothing 'file:///tmp/'",
                          "BEGIN",
                          "COMMIT",
                          "SELECT CURRENT_ROLE()",
                          "SELECT 1",
                          "SELECT COUNT(*) FROM t",
                          "SELECT COUNT(*) AS n FROM imednet_db.public.t",
                          "TRUNCATE TABLE t",
                          "CREATE TABLE u LIKE t",
                          "DROP TABLE u",
                          "SHOW WAREHOUSES",
                          "SHOW PARAMETERS"})
    EXPECT_FALSE(needs(sql)) << sql;
  ASSERT_EQ(put_file(client, dir.path() / "f.parquet", "@MY_STAGE/x"), "");
  EXPECT_EQ(needed(), 0);
  EXPECT_EQ(state(), "SUSPENDED");
  for (const char* sql :
       {"INSERT INTO t VALUES (1, 'x', 2)", "UPDATE t SET b = 'y'", "SELECT * FROM t", "SELECT COUNT(*) FROM t WHERE a = 1",
        "SELECT COUNT(*) FROM t JOIN t AS u ON t.a = u.a", "SELECT MAX(a), COUNT(*) FROM t",
        "MERGE INTO t USING (SELECT 1 AS a) s ON t.a = s.a WHEN MATCHED THEN DELETE", "DELETE FROM t",
        "COPY INTO t FROM @MY_STAGE/x FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
        "CREATE TABLE v AS SELECT 1 AS a", "SELECT table_name FROM information_schema.tables",
        "SELECT COUNT(*) FROM information_schema.tables", "SELECT query_id FROM TABLE(information_schema.query_history())"})
    EXPECT_TRUE(needs(sql)) << sql;
  EXPECT_EQ(state(), "STARTED");
  for (const Json& one : ask(server.port(), "statements")) {
    const std::string text = one["text"];
    if (text.starts_with("SHOW") || text.starts_with("PUT")) {
      EXPECT_TRUE(one["warehouse"].is_null()) << text;
    }
    if (text.starts_with("COPY")) {
      EXPECT_EQ(one["warehouse"], "COMPUTE_WH");
    }
  }
}

TEST_F(WarehouseTest, AKeptResultNeedsNoneUntilTheTableChanges) {
  client.code("CREATE TABLE t (a INT)");
  client.code("INSERT INTO t VALUES (1)");
  const std::string query = "SELECT a FROM t";
  EXPECT_TRUE(needs(query));
  EXPECT_FALSE(needs(query));
  EXPECT_TRUE(needs("SELECT  a FROM t")) << "another text";
  EXPECT_TRUE(needs("SELECT a, RANDOM() FROM t"));
  EXPECT_TRUE(needs("SELECT a, RANDOM() FROM t"));
  EXPECT_TRUE(needs("SELECT a, CURRENT_TIMESTAMP() FROM t"));
  EXPECT_TRUE(needs("SELECT a, CURRENT_TIMESTAMP() FROM t"));
  client.code("ALTER SESSION SET USE_CACHED_RESULT = FALSE");
  EXPECT_TRUE(needs(query));
  client.code("ALTER SESSION UNSET USE_CACHED_RESULT");
  Client other(server.port());
  other.code("INSERT INTO t VALUES (2)");
  EXPECT_TRUE(needs(query));
  EXPECT_FALSE(needs(query));
  move_clock(server.port(), 25 * 3600);
  const int64_t before = needed();
  Client next_day(server.port());
  EXPECT_EQ(next_day.code(query), "");
  EXPECT_EQ(needed(), before + 1);
}

TEST_F(WarehouseTest, ItSleepsAgainAfterItsTimeAndResumesByItself) {
  client.code("CREATE TABLE t (a INT)");
  EXPECT_EQ(client.code("ALTER WAREHOUSE compute_wh SET AUTO_SUSPEND = 60"), "");
  client.code("INSERT INTO t VALUES (1)");
  EXPECT_EQ(state(), "STARTED");
  move_clock(server.port(), 61);
  EXPECT_EQ(state(), "SUSPENDED");
  client.code("INSERT INTO t VALUES (2)");
  EXPECT_EQ(state(), "STARTED");
  EXPECT_EQ(ask(server.port(), "warehouses")[0]["resumes"], 2);
}

TEST_F(WarehouseTest, SuspendAndResumeByHand) {
  client.code("CREATE TABLE t (a INT)");
  EXPECT_EQ(client.code("ALTER WAREHOUSE compute_wh SUSPEND"), "090064") << "it sleeps already";
  EXPECT_EQ(client.code("ALTER WAREHOUSE compute_wh SET AUTO_RESUME = FALSE"), "");
  EXPECT_EQ(client.code("INSERT INTO t VALUES (1)"), "000606");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "0");
  EXPECT_EQ(client.code("ALTER WAREHOUSE compute_wh RESUME IF SUSPENDED"), "");
  EXPECT_EQ(client.code("ALTER WAREHOUSE compute_wh RESUME"), "090063");
  EXPECT_EQ(client.code("INSERT INTO t VALUES (1)"), "");
  EXPECT_EQ(client.code("ALTER WAREHOUSE compute_wh SUSPEND"), "");
  EXPECT_EQ(state(), "SUSPENDED");
}

TEST_F(WarehouseTest, WithoutOneRowsAreOutOfReach) {
  client.code("CREATE TABLE t (a INT)");
  EXPECT_EQ(client.code("CREATE WAREHOUSE IF NOT EXISTS other WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE "
                        "INITIALLY_SUSPENDED = TRUE COMMENT = 'mine'"),
            "");
  EXPECT_EQ(client.rows("SELECT CURRENT_WAREHOUSE()"), "OTHER") << "making one uses it";
  EXPECT_EQ(client.code("DROP WAREHOUSE other"), "");
  EXPECT_EQ(client.rows("SELECT CURRENT_WAREHOUSE()"), "NULL");
  const Json refused = client.run("SELECT * FROM t");
  EXPECT_EQ(refused["code"], "000606");
  EXPECT_EQ(refused["data"]["sqlState"], "57P03");
  EXPECT_EQ(client.code("SELECT * FROM nosuch"), "002003") << "names are looked up first";
  EXPECT_EQ(client.code("SELECT CURRENT_USER()"), "");
  EXPECT_EQ(client.code("USE WAREHOUSE other"), "002043");
  EXPECT_EQ(client.code("USE WAREHOUSE compute_wh"), "");
  EXPECT_EQ(client.code("SELECT * FROM t"), "");
  EXPECT_EQ(client.code("CREATE WAREHOUSE w WAREHOUSE_SIZE = 'HUGE'"), "001008");
  EXPECT_EQ(client.code("CREATE WAREHOUSE w NUMBER_OF_CATS = 3"), "001420");
  EXPECT_EQ(client.code("DROP WAREHOUSE w"), "002003");
  EXPECT_EQ(client.code("DROP WAREHOUSE IF EXISTS w"), "");
}

TEST(WarehouseRestart, WarehousesOutliveARestart) {
  TempDir dir;
  {
    SnowflakeServer server(options_in(dir.path()));
    Client client(server.port());
    ASSERT_EQ(client.code("CREATE WAREHOUSE big WAREHOUSE_SIZE = 'X-LARGE' COMMENT = 'kept'"), "");
  }
  SnowflakeServer server(options_in(dir.path()));
  Client client(server.port());
  const Json row = client.run("SHOW WAREHOUSES LIKE 'BIG'")["data"]["rowset"][0];
  EXPECT_EQ(row[1], "SUSPENDED");
  EXPECT_EQ(row[3], "X-Large");
  EXPECT_EQ(row[14], "kept");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
