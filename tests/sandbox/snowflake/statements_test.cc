#include <gtest/gtest.h>

#include <thread>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

class StatementsTest : public ::testing::Test {
 protected:
  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client client{server.port(), "secret", {{"TIMEZONE", "UTC"}}};
};

TEST_F(StatementsTest, ARepeatedRequestRunsOnce) {
  ASSERT_EQ(client.code("CREATE TABLE t (a INT)"), "");
  const Json first = client.run("INSERT INTO t VALUES (1)", "same-id");
  const Json again = client.run("INSERT INTO t VALUES (1)", "same-id");
  EXPECT_EQ(first, again);
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "1");
}

TEST_F(StatementsTest, UnknownSqlIsAnError) {
  for (const char* sql : {"FROB x", "GRANT SELECT ON t TO ROLE r", "PRAGMA version", "ATTACH 'x'", "SELECT * FROM 'x.csv'"}) {
    EXPECT_EQ(client.code(sql), "001003") << sql;
  }
  for (const char* sql : {"CALL p()", "SHOW LOCKS", "CREATE MATERIALIZED VIEW v AS SELECT 1", "ALTER ACCOUNT SET X = 1", "EXPLAIN SELECT 1",
                          "COPY INTO @s FROM t"}) {
    EXPECT_EQ(client.code(sql), "000002") << sql;
  }
  EXPECT_EQ(client.code("SELECT 1; SELECT 2"), "000008");
  // Nothing of the engine's own shines through.
  EXPECT_EQ(client.code("SELECT read_text('/etc/passwd')"), "002140");
  EXPECT_EQ(client.code("SELECT * FROM duckdb_tables"), "002003");
  EXPECT_EQ(client.code("SELECT * FROM sandbox_load_history"), "002003");
}

TEST_F(StatementsTest, TablesAreDescribed) {
  ASSERT_EQ(client.code("create or replace table \"IMEDNET_DB\".PUBLIC.t (\"STUDY_KEY\" varchar not null comment 'who', n number(10,2) "
                        "default 5, v variant, ts "
                        "timestamp_ntz, primary key (study_key)) comment = 'all of it'"),
            "");
  EXPECT_EQ(client.rows("DESC TABLE t"),
            "STUDY_KEY|VARCHAR(16777216)|COLUMN|N|NULL|Y|N|NULL|NULL|who|NULL|NULL;N|NUMBER(10,2)|COLUMN|Y|5|N|N|NULL|NULL|NULL|NULL|NULL;"
            "V|VARIANT|COLUMN|Y|NULL|N|N|NULL|NULL|NULL|NULL|NULL;TS|TIMESTAMP_NTZ(9)|COLUMN|Y|NULL|N|N|NULL|NULL|NULL|NULL|NULL");
  EXPECT_EQ(client.code("DESCRIBE TABLE nosuch"), "002003");
  const auto created = [&] { return client.run("SHOW TABLES LIKE 'T' IN SCHEMA IMEDNET_DB.PUBLIC")["data"]["rowset"][0]; };
  const Json before = created();
  EXPECT_EQ(before[1], "T");
  EXPECT_EQ(before[5], "all of it");
  ASSERT_EQ(client.code("CREATE OR REPLACE TABLE t (a INT)"), "");
  EXPECT_NE(created()[0], before[0]);
  EXPECT_EQ(client.code("ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT, b VARCHAR COMMENT 'x'"), "");
  EXPECT_EQ(client.code("ALTER TABLE t ADD COLUMN b VARCHAR"), "001430");
  EXPECT_EQ(client.code("ALTER TABLE t RENAME TO u"), "");
  EXPECT_EQ(client.rows(
                "SELECT column_name, data_type, comment FROM information_schema.columns WHERE table_name = 'U' ORDER BY ordinal_position"),
            "A|NUMBER|NULL;B|TEXT|x");
  EXPECT_EQ(client.rows("SHOW STAGES LIKE 'my\\\\_stage' IN SCHEMA IMEDNET_DB.PUBLIC").find("MY_STAGE|IMEDNET_DB|PUBLIC||N|N") !=
                std::string::npos,
            true);
}

TEST_F(StatementsTest, NamesKeepTheirCase) {
  ASSERT_EQ(client.code("CREATE TABLE \"t\" (\"a\" INT, A INT)"), "");
  EXPECT_EQ(client.code("SELECT * FROM t"), "002003");
  EXPECT_EQ(client.code("INSERT INTO \"t\" (\"a\", A) VALUES (1, 2)"), "");
  EXPECT_EQ(client.rows("SELECT \"a\", a FROM \"t\""), "1|2");
  ASSERT_EQ(client.code("CREATE TABLE up (STUDY_KEY INT)"), "");
  EXPECT_EQ(client.code("SELECT \"study_key\" FROM up"), "000904");
}

TEST_F(StatementsTest, TransactionsBehaveAsDocumented) {
  Client other(server.port());
  ASSERT_EQ(client.code("CREATE TABLE t (a INT NOT NULL)"), "");
  client.code("BEGIN TRANSACTION");
  client.code("INSERT INTO t VALUES (1), (2)");
  EXPECT_EQ(client.code("INSERT INTO t VALUES (NULL)"), "100072");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "2") << "a failed statement leaves the transaction open";
  EXPECT_EQ(other.rows("SELECT COUNT(*) FROM t"), "0");
  client.code("ROLLBACK");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "0");
  client.code("BEGIN");
  client.code("INSERT INTO t VALUES (3)");
  client.code("CREATE TABLE u (a INT)");
  client.code("ROLLBACK");
  EXPECT_EQ(other.rows("SELECT a FROM t"), "3") << "DDL commits";
  client.code("BEGIN");
  client.code("DELETE FROM t");
  client.close();
  EXPECT_EQ(other.rows("SELECT a FROM t"), "3") << "closing rolls back";
}

TEST_F(StatementsTest, ReadsWhatOthersCommitted) {
  Client other(server.port());
  ASSERT_EQ(client.code("CREATE TABLE t (a INT)"), "");
  client.code("BEGIN");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "0");
  other.code("INSERT INTO t VALUES (1)");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "1");
  client.code("COMMIT");
}

TEST_F(StatementsTest, TwoWritersOfOneRowTakeTurns) {
  ASSERT_EQ(client.code("CREATE TABLE t (a INT)"), "");
  client.code("INSERT INTO t VALUES (0)");
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      Client writer(server.port());
      for (int n = 0; n < 5; ++n) EXPECT_EQ(writer.code("UPDATE t SET a = a + 1"), "");
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(client.rows("SELECT a FROM t"), "20");
}

TEST_F(StatementsTest, MergeCountsAndRefusesDoubles) {
  client.code("CREATE TABLE t (id INT, x VARCHAR)");
  client.code("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  EXPECT_EQ(
      client.rows("MERGE INTO t USING (SELECT 1 id, 'z' x UNION ALL SELECT 9, 'n') s ON t.id = s.id WHEN MATCHED THEN UPDATE SET x = s.x "
                  "WHEN NOT MATCHED THEN INSERT (id, x) VALUES (s.id, s.x)"),
      "1|1");
  EXPECT_EQ(client.rows("SELECT * FROM t ORDER BY id"), "1|z;2|b;9|n");
  EXPECT_EQ(
      client.code("MERGE INTO t USING (SELECT 1 id, 'p' x UNION ALL SELECT 1, 'q') s ON t.id = s.id WHEN MATCHED THEN UPDATE SET x = s.x"),
      "100090");
  EXPECT_EQ(client.rows("MERGE INTO t USING (SELECT 9 id) s ON t.id = s.id WHEN MATCHED AND t.x = 'n' THEN DELETE"), "1");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "2");
}

TEST_F(StatementsTest, VariantsFollowTheirRules) {
  client.code("CREATE TABLE t (id INT, v VARIANT)");
  EXPECT_EQ(client.code("INSERT INTO t SELECT 1, PARSE_JSON('{\"it.age\":\"41\",\"n\":null,\"a\":{\"b\":[1,\"x\"]}}')"), "");
  EXPECT_EQ(client.code("INSERT INTO t SELECT 2, '{}'"), "002023");
  for (const char* bad : {"{\"a\":1,\"a\":2}", "[1e400]", "\"\\\\ud800\"", "{", "[1,]"}) {
    EXPECT_EQ(client.code("INSERT INTO t SELECT 2, PARSE_JSON('" + std::string(bad) + "')"), "100069") << bad;
  }
  EXPECT_EQ(client.code("INSERT INTO t SELECT 3, PARSE_JSON(' ')"), "");
  EXPECT_EQ(client.code("INSERT INTO t SELECT 4, PARSE_JSON('null')"), "");
  EXPECT_EQ(client.rows("SELECT v IS NULL, IS_NULL_VALUE(v), TYPEOF(v) FROM t WHERE id > 1 ORDER BY id"), "1|NULL|NULL;0|1|NULL_VALUE");
  EXPECT_EQ(client.rows("SELECT v:\"it.age\"::number + 1, v:a.b[1]::varchar, v:a.b[1], v:nope, v['n']::varchar FROM t WHERE id = 1"),
            "42|x|\"x\"|NULL|NULL");
}

TEST_F(StatementsTest, ResultsCarryTypes) {
  const Json answer = client.run(
      "SELECT 1::NUMBER(10,2) a, 'x' b, TRUE c, '2024-01-01'::DATE d, '2024-01-01 00:00:01.5'::TIMESTAMP_NTZ e, PARSE_JSON('1') f, "
      "1.5::FLOAT g");
  std::string types;
  for (const Json& column : answer["data"]["rowtype"]) types += column["type"].get<std::string>() + " ";
  EXPECT_EQ(types, "fixed text boolean date timestamp_ntz variant real ");
  EXPECT_EQ(answer["data"]["rowtype"][0]["scale"], 2);
  EXPECT_EQ(answer["data"]["rowset"][0].dump(), R"(["1.00","x","1","19723","1704067201.500000000","1","1.5"])");
  EXPECT_EQ(answer["data"]["statementTypeId"], 0x1000);
}

TEST_F(StatementsTest, LargeResultsComeInChunks) {
  const Json answer = client.run("SELECT SEQ4() AS n, 'a text of some length ' || SEQ4() AS t FROM TABLE(GENERATOR(ROWCOUNT => 200000))");
  ASSERT_TRUE(answer["success"].get<bool>()) << answer["message"];
  EXPECT_EQ(answer["data"]["total"], 200000);
  ASSERT_GT(answer["data"]["chunks"].size(), 2u);
  size_t rows = answer["data"]["rowset"].size();
  for (const Json& chunk : answer["data"]["chunks"]) {
    const std::string url = chunk["url"];
    const Json part = Json::parse("[" + client.get_text(url.substr(url.find("/results/"))) + "]");
    EXPECT_EQ(part.size(), chunk["rowCount"].get<size_t>());
    rows += part.size();
  }
  EXPECT_EQ(rows, 200000u);
}

TEST_F(StatementsTest, AsynchronousStatementsArePolled) {
  const Json submitted = client.run("SELECT 7", "", {{"asyncExec", true}});
  EXPECT_EQ(submitted["code"], "333334");
  const std::string id = submitted["data"]["queryId"];
  EXPECT_EQ(client.get("/queries/" + id + "/result")["data"]["rowset"][0][0], "7");
  EXPECT_EQ(client.get("/monitoring/queries/" + id)["data"]["queries"][0]["status"], "SUCCESS");
  EXPECT_EQ(client.get("/monitoring/queries//" + id)["data"]["queries"][0]["status"], "SUCCESS");  // as the Python connector 5 writes it
}

TEST_F(StatementsTest, WhatIsOnlyDescribedDoesNotRun) {
  ASSERT_EQ(client.code("CREATE TABLE t (a INT, b VARCHAR)"), "");
  const Json insert = client.run("INSERT INTO t VALUES (?, ?)", "", {{"describeOnly", true}})["data"];
  EXPECT_EQ(insert["numberOfBinds"], 2);
  EXPECT_EQ(insert["rowtype"][0]["name"], "number of rows inserted");
  EXPECT_EQ(client.run("INSERT INTO t VALUES (1, 'x')", "", {{"describeOnly", true}})["success"], true);
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM t"), "0");
  const Json select = client.run("SELECT a, b FROM t WHERE a = ?", "", {{"describeOnly", true}})["data"];
  EXPECT_EQ(select["rowtype"].size(), 2u);
  EXPECT_EQ(select["rowtype"][1]["type"], "text");
  EXPECT_EQ(client.run("SELECT nothing FROM t", "", {{"describeOnly", true}})["code"], "000904");
}

TEST_F(StatementsTest, NumbersArePlainDigits) {
  EXPECT_EQ(client.rows("SELECT -0.0000000000000000000000000000000000001::NUMBER(38,37)"), "-0.0000000000000000000000000000000000001");
  EXPECT_EQ(client.rows("SELECT 0::NUMBER(38,37)"), "0." + std::string(37, '0'));
  EXPECT_EQ(client.rows("SELECT -1234.5::NUMBER(12,2)"), "-1234.50");
}

TEST_F(StatementsTest, ASubmittedStatementIsCancelledByItsId) {
  client.post("/sandbox/orders", {{"match", {{"statement_contains", "SELECT 8"}}}, {"do", {{"delay_ms", 60000}}}});
  const std::string id = client.run("SELECT 8", "", {{"asyncExec", true}})["data"]["queryId"];
  EXPECT_EQ(client.post("/queries/" + id + "/abort-request", Json::object())["success"], true);
  EXPECT_EQ(client.get("/queries/" + id + "/result")["code"], "000604");
  EXPECT_EQ(client.post("/queries/" + id + "/abort-request", Json::object())["code"], "000605");
}

TEST(AnswerWithin, ASlowerStatementIsPolledFor) {
  TempDir dir;
  SnowflakeServerOptions options = options_in(dir.path());
  options.answer_within = std::chrono::milliseconds(50);
  SnowflakeServer server(options);
  Client client(server.port());
  client.post("/sandbox/orders", {{"match", {{"statement_contains", "SELECT 9"}}}, {"do", {{"delay_ms", 500}}}});
  Json answer = client.run("SELECT 9");
  EXPECT_EQ(answer["code"], "333333");
  for (int asked = 0; asked < 200 && answer["code"] == "333333"; ++asked) answer = client.get(answer["data"]["getResultUrl"]);
  EXPECT_EQ(answer["data"]["rowset"][0][0], "9");
}

TEST_F(StatementsTest, ARunningStatementIsCancelled) {
  std::thread later([&] {
    Client same(server.port());
    same.token() = client.token();
    for (int tries = 0; tries < 200; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
      if (same.post("/queries/v1/abort-request", {{"requestId", "slow"}})["success"].get<bool>()) return;
    }
  });
  const Json answer = client.run(
      "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 3000000)) a, TABLE(GENERATOR(ROWCOUNT => 3000000)) b WHERE a.sf_sequence * 7 % 11 "
      "= b.sf_sequence % 13",
      "slow");
  later.join();
  EXPECT_EQ(answer["code"], "000604") << answer;
  EXPECT_EQ(client.rows("SELECT 1"), "1");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
