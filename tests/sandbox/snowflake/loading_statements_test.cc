// The statements a loader that upserts, marks what vanished and keeps notes in comments would send.
#include <gtest/gtest.h>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

class LoadingStatements : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* sql :
         {"CREATE TABLE t (study_key VARCHAR, record_id NUMBER(38,0), x VARCHAR, _row_hash VARCHAR, _deleted_at TIMESTAMP_NTZ)",
          "INSERT INTO t VALUES ('S', 1, 'one', 'h1', NULL), ('S', 2, 'two', 'h2', NULL), ('S', 3, 'three', 'h3', NULL), ('O', 1, 'o', "
          "'h', "
          "NULL)",
          "CREATE TEMPORARY TABLE fresh (study_key VARCHAR, record_id NUMBER(38,0), x VARCHAR, _row_hash VARCHAR, modified INT, fetched "
          "INT)"})
      ASSERT_EQ(client.code(sql), "") << sql;
  }
  std::string merge(const std::string& source) {
    const Json answer = client.run("MERGE INTO t USING " + source +
                                   " s ON t.STUDY_KEY = s.STUDY_KEY AND t.RECORD_ID = s.RECORD_ID "
                                   "WHEN MATCHED AND t._ROW_HASH <> s._ROW_HASH THEN UPDATE SET x = s.x, _row_hash = s._row_hash, "
                                   "_DELETED_AT = NULL "
                                   "WHEN NOT MATCHED THEN INSERT (study_key, record_id, x, _row_hash) VALUES (s.study_key, s.record_id, "
                                   "s.x, s._row_hash)");
    if (!answer["success"].get<bool>()) return answer["code"];
    std::string out;
    for (const Json& column : answer["data"]["rowtype"]) out += column["name"].get<std::string>() + ";";
    for (const Json& cell : answer["data"]["rowset"][0]) out += cell.get<std::string>() + ";";
    return out;
  }
  static constexpr const char* kNewest =
      "(SELECT * FROM fresh QUALIFY ROW_NUMBER() OVER (PARTITION BY study_key, record_id ORDER BY modified DESC, fetched DESC) = 1)";

  TempDir dir;
  SnowflakeServer server{options_in(dir.path())};
  Client client{server.port(), "secret", {{"TIMEZONE", "UTC"}}};
};

TEST_F(LoadingStatements, MergeTakesTheNewestOfDoublesAndSaysWhatItDid) {
  client.code(
      "INSERT INTO fresh VALUES ('S', 1, 'older', 'h1a', 5, 1), ('S', 1, 'newer', 'h1b', 6, 2), ('S', 2, 'two', 'h2', 5, 3), ('S', 9, "
      "'late', 'h9a', 7, 4), ('S', 9, 'later', 'h9b', 7, 5)");
  EXPECT_EQ(merge(kNewest), "number of rows inserted;number of rows updated;1;1;");
  EXPECT_EQ(client.rows("SELECT study_key, record_id, x, _row_hash FROM t ORDER BY 1, 2"),
            "O|1|o|h;S|1|newer|h1b;S|2|two|h2;S|3|three|h3;S|9|later|h9b");
  EXPECT_EQ(merge(kNewest), "number of rows inserted;number of rows updated;0;0;") << "again changes nothing";
}

TEST_F(LoadingStatements, TwoSourceRowsForOneTargetRowAreRefused) {
  client.code("INSERT INTO fresh VALUES ('S', 1, 'a', 'ha', 5, 1), ('S', 1, 'b', 'hb', 6, 2)");
  EXPECT_EQ(merge("fresh"), "100090");
  EXPECT_EQ(client.rows("SELECT x FROM t WHERE study_key = 'S' AND record_id = 1"), "one");
  client.code("UPDATE fresh SET _row_hash = 'h1' WHERE x = 'a'");
  EXPECT_EQ(merge("fresh"), "number of rows inserted;number of rows updated;0;1;") << "the other row satisfies no clause";
}

TEST_F(LoadingStatements, DoublesThatAreInsertedPassSilently) {
  client.code("INSERT INTO fresh VALUES ('S', 8, 'a', 'ha', 5, 1), ('S', 8, 'b', 'hb', 6, 2)");
  EXPECT_EQ(merge("fresh"), "number of rows inserted;number of rows updated;2;0;");
}

TEST_F(LoadingStatements, VanishedRowsAreMarkedByOneUpdate) {
  client.code("INSERT INTO fresh VALUES ('S', 1, 'one', 'h1', 5, 1)");
  EXPECT_EQ(client.rows("UPDATE t SET _DELETED_AT = '2026-01-02 03:04:05'::TIMESTAMP_NTZ WHERE study_key = 'S' AND _deleted_at IS NULL AND "
                        "record_id BETWEEN 1 AND 2 AND record_id NOT IN (SELECT record_id FROM fresh WHERE study_key = 'S')"),
            "1|0");
  EXPECT_EQ(client.rows("SELECT record_id, _deleted_at::VARCHAR FROM t WHERE _deleted_at IS NOT NULL"), "2|2026-01-02 03:04:05.000");
  EXPECT_EQ(client.rows("UPDATE t SET _DELETED_AT = CURRENT_TIMESTAMP()::TIMESTAMP_NTZ WHERE study_key = 'S' AND NOT EXISTS (SELECT 1 FROM "
                        "fresh f WHERE f.study_key = t.study_key AND f.record_id = t.record_id)"),
            "2|0");
  EXPECT_EQ(client.rows("UPDATE t SET _DELETED_AT = NULL, x = f.x || '!' FROM fresh f WHERE f.study_key = t.study_key AND f.record_id = "
                        "t.record_id"),
            "1|0");
  EXPECT_EQ(client.rows("UPDATE t SET x = (SELECT MAX(x) FROM fresh) WHERE record_id = 3"), "1|0");
  EXPECT_EQ(client.rows("SELECT x FROM t WHERE study_key = 'S' ORDER BY record_id"), "one!;two;one");
}

TEST_F(LoadingStatements, DeleteAndInsertReplaceAStudyInOneTransaction) {
  Client other(server.port());
  client.code("INSERT INTO fresh VALUES ('S', 5, 'five', 'h5', 5, 1)");
  client.code("BEGIN");
  EXPECT_EQ(client.rows("DELETE FROM t WHERE study_key = 'S'"), "3");
  EXPECT_EQ(client.rows("INSERT INTO t (study_key, record_id, x, _row_hash) SELECT study_key, record_id, x, _row_hash FROM fresh"), "1");
  EXPECT_EQ(other.rows("SELECT COUNT(*) FROM t"), "4");
  client.code("COMMIT");
  EXPECT_EQ(other.rows("SELECT x FROM t ORDER BY x"), "five;o");
}

TEST_F(LoadingStatements, CommentsAreKeptOnTablesSchemasAndDatabases) {
  const auto comment = [&] { return client.run("SHOW TABLES LIKE 'T' IN SCHEMA imednet_db.public")["data"]["rowset"][0][5]; };
  EXPECT_EQ(client.code("COMMENT ON TABLE t IS '{\"cursor\":\"it''s\"}'"), "");
  EXPECT_EQ(comment(), "{\"cursor\":\"it's\"}");
  EXPECT_EQ(client.code("COMMENT IF EXISTS ON TABLE nosuch IS 'x'"), "");
  EXPECT_EQ(client.code("ALTER TABLE t SET COMMENT = 'set'"), "");
  EXPECT_EQ(comment(), "set");
  EXPECT_EQ(client.code("ALTER TABLE t UNSET COMMENT"), "");
  EXPECT_EQ(comment(), "");
  EXPECT_EQ(client.code("COMMENT ON SCHEMA public IS 'by comment'"), "");
  EXPECT_NE(client.rows("SHOW SCHEMAS LIKE 'PUBLIC' IN DATABASE imednet_db").find("by comment"), std::string::npos);
  EXPECT_EQ(client.code("ALTER SCHEMA imednet_db.public SET COMMENT = 'by alter'"), "");
  EXPECT_NE(client.rows("SHOW SCHEMAS LIKE 'PUBLIC' IN DATABASE imednet_db").find("by alter"), std::string::npos);
  EXPECT_EQ(client.code("ALTER DATABASE imednet_db SET COMMENT = 'all of it'"), "");
  EXPECT_NE(client.rows("SHOW DATABASES").find("all of it"), std::string::npos);
  EXPECT_EQ(client.code("COMMENT ON SCHEMA nosuch IS 'x'"), "002003");
  EXPECT_EQ(client.code("ALTER DATABASE IF EXISTS nosuch SET COMMENT = 'x'"), "");
}

TEST_F(LoadingStatements, HashAggTellsWhetherRowsDiffer) {
  client.code("INSERT INTO fresh SELECT study_key, record_id, x, _row_hash, 0, 0 FROM t ORDER BY record_id DESC");
  const std::string hash = "SELECT HASH_AGG(study_key, record_id, _row_hash) FROM ";
  const std::string all = client.rows(hash + "t");
  EXPECT_EQ(client.rows(hash + "fresh"), all) << "in any order";
  client.code("INSERT INTO fresh SELECT * FROM fresh WHERE record_id = 3");
  EXPECT_NE(client.rows(hash + "fresh"), all) << "a double counts";
  client.code("UPDATE t SET _row_hash = 'h2x' WHERE record_id = 2");
  EXPECT_NE(client.rows(hash + "t"), all);
  EXPECT_EQ(
      client.rows("SELECT HASH(study_key, 1) = HASH('S', 1), BITXOR_AGG(record_id), BITOR_AGG(record_id) FROM t WHERE study_key = 'S' "
                  "GROUP BY study_key"),
      "1|0|3");
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
