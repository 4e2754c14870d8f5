#include <gtest/gtest.h>

#include <fstream>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {
namespace {

constexpr const char* kRows =
    "SELECT 'S' || range AS study_key, range AS record_id, range % 2 = 0 AS deleted, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS date_created, "
    "'{\"it.age\": ' || range || '}' AS record_data FROM range(3)";
constexpr const char* kFormat =
    " FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE USE_VECTORIZED_SCANNER = TRUE) ON_ERROR = "
    "ABORT_STATEMENT";

class CopyTest : public ::testing::Test {
 protected:
  void SetUp() override { make_table("CREATE OR REPLACE TABLE"); }

  void make_table(const std::string& create, const std::string& name = "RECORDS") {
    ASSERT_EQ(
        client.code(
            create + " " + name +
            " (\"STUDY_KEY\" VARCHAR NOT NULL, \"RECORD_ID\" NUMBER(38,0) NOT NULL, \"DELETED\" BOOLEAN, \"DATE_CREATED\" TIMESTAMP_NTZ, "
            "\"RECORD_DATA\" VARIANT, \"_FILE\" VARCHAR, \"_RUN\" VARCHAR, \"_AT\" TIMESTAMP_NTZ, \"_ROW\" NUMBER(38,0))"),
        "");
  }

  std::string stage(const std::string& path, const std::string& select) {
    const size_t slash = path.rfind('/');
    const auto file = dir.path() / "local" / path.substr(slash + 1);
    write_parquet(file, select);
    return put_file(client, file, "@\"IMEDNET_DB\".\"PUBLIC\".\"MY_STAGE\"/imednet/" + path.substr(0, slash));
  }

  static std::string copy_sql(const std::string& files, const std::string& more = " FORCE = FALSE", const std::string& table = "RECORDS") {
    return "COPY INTO \"IMEDNET_DB\".\"PUBLIC\".\"" + table +
           "\" (\"STUDY_KEY\", \"RECORD_ID\", \"DELETED\", \"DATE_CREATED\", \"RECORD_DATA\", \"_FILE\", \"_RUN\", \"_AT\", \"_ROW\")"
           " FROM (SELECT $1:study_key::VARCHAR, $1:record_id::NUMBER(38,0), $1:deleted::BOOLEAN, $1:date_created::TIMESTAMP_NTZ, "
           "PARSE_JSON($1:record_data::VARCHAR),"
           " METADATA$FILENAME, 'run 1', METADATA$START_SCAN_TIME::TIMESTAMP_NTZ, METADATA$FILE_ROW_NUMBER FROM "
           "@\"IMEDNET_DB\".\"PUBLIC\".\"MY_STAGE\"/imednet/)"
           " FILES = (" +
           files + ")" + kFormat + more;
  }

  TempDir dir;
  SnowflakeServerOptions options = options_in(dir.path() / "data");
  std::unique_ptr<SnowflakeServer> server = std::make_unique<SnowflakeServer>(options);
  Client client{server->port(), "secret", {{"TIMEZONE", "UTC"}}};
};

TEST_F(CopyTest, LoadsOnceAndSaysSo) {
  ASSERT_EQ(stage("h1/A_0.parquet", kRows), "");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'")), "my_stage/imednet/h1/A_0.parquet|LOADED|3|3|1|0|NULL|NULL|NULL|NULL");
  EXPECT_EQ(
      client.rows("SELECT study_key, record_id, deleted, date_created::varchar, record_data:\"it.age\"::number, _file, _run, _row FROM "
                  "records ORDER BY 2 LIMIT 2"),
      "S0|0|1|2024-01-01 00:00:00.000|0|imednet/h1/A_0.parquet|run 1|1;S1|1|0|2024-01-01 00:00:00.000|1|imednet/h1/A_0.parquet|run 1|2");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'")), "Copy executed with 0 files processed.");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'", " FORCE = TRUE")),
            "my_stage/imednet/h1/A_0.parquet|LOADED|3|3|1|0|NULL|NULL|NULL|NULL");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM records"), "6");
}

TEST_F(CopyTest, OldAndNewFilesTogether) {
  stage("h1/A_0.parquet", kRows);
  client.code(copy_sql("'h1/A_0.parquet'"));
  stage("h2/A_1.parquet", kRows);
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet', 'h2/A_1.parquet'")),
            "my_stage/imednet/h1/A_0.parquet|LOAD_SKIPPED|0|0|1|1|File was loaded "
            "before.|NULL|NULL|NULL;my_stage/imednet/h2/A_1.parquet|LOADED|3|3|1|0|NULL|NULL|NULL|NULL");
}

TEST_F(CopyTest, AllFilesOrNone) {
  stage("h1/A_0.parquet", kRows);
  stage("h2/BAD.parquet", "SELECT 'x' AS study_key, 'abc' AS record_id, '{}' AS record_data");
  const std::string failure = client.rows(copy_sql("'h1/A_0.parquet', 'h2/BAD.parquet'"));
  EXPECT_EQ(failure.find("100038: Numeric value 'abc' is not recognized"), 0u) << failure;
  EXPECT_NE(failure.find("File 'imednet/h2/BAD.parquet'"), std::string::npos);
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM records"), "0");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'")).find("my_stage/imednet/h1/A_0.parquet|LOADED"), 0u)
      << "nothing was remembered as loaded";
}

TEST_F(CopyTest, BadFilesAreErrors) {
  EXPECT_EQ(client.code(copy_sql("'h1/MISSING.parquet'")), "091016");
  stage("h1/A_0.parquet", kRows);
  stage("n/NULLS.parquet", "SELECT NULL::VARCHAR AS study_key, 1 AS record_id, '{}' AS record_data");
  EXPECT_EQ(client.code(copy_sql("'n/NULLS.parquet'")), "100072");
  stage("j/JSON.parquet", "SELECT 'x' AS study_key, 1 AS record_id, '{\"a\":1,\"a\":2}' AS record_data");
  EXPECT_EQ(client.code(copy_sql("'j/JSON.parquet'")), "100069");
  const auto stored = dir.path() / "data" / "stages" / "1" / "imednet" / "h1" / "A_0.parquet";
  ASSERT_TRUE(std::filesystem::exists(stored));
  std::filesystem::resize_file(stored, std::filesystem::file_size(stored) / 2);
  EXPECT_EQ(client.code(copy_sql("'h1/A_0.parquet'")), "100152");
  std::filesystem::resize_file(stored, 0);
  EXPECT_EQ(client.code(copy_sql("'h1/A_0.parquet'")), "100152");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM records"), "0");
}

TEST_F(CopyTest, AWrongColumnNameIsNullWithoutAnError) {
  stage("h1/A_0.parquet", kRows);
  EXPECT_EQ(client.code("COPY INTO records (study_key, record_id, _run) FROM (SELECT t.$1:study_key::VARCHAR, $1:record_id::NUMBER, "
                        "$1:Study_Key::VARCHAR "
                        "FROM @my_stage/imednet/ t) FILE_FORMAT=(TYPE=PARQUET)"),
            "");
  EXPECT_EQ(client.rows("SELECT COUNT(*), COUNT(_run) FROM records"), "3|0");
}

TEST_F(CopyTest, ByColumnName) {
  stage("h1/A_0.parquet", kRows);
  EXPECT_EQ(client
                .rows("copy into records from @my_stage/imednet/h1 file_format=(type=parquet "
                      "use_logical_type=true) match_by_column_name=case_insensitive")
                .find("my_stage/imednet/h1/A_0.parquet|LOADED|3|3"),
            0u);
  // Text arrives in a VARIANT as a JSON string.
  EXPECT_EQ(client.rows("SELECT TYPEOF(record_data), _file FROM records LIMIT 1"), "VARCHAR|NULL");
  EXPECT_EQ(client.code("COPY INTO records FROM @my_stage/imednet/h1 FILE_FORMAT = (TYPE = PARQUET) FORCE = TRUE"), "001003");
}

TEST_F(CopyTest, HistoryEndsWithTheTableAndAfter64Days) {
  stage("h1/A_0.parquet", kRows);
  ASSERT_EQ(client.code(copy_sql("'h1/A_0.parquet'")), "");
  make_table("CREATE OR REPLACE TABLE");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'")).find("my_stage"), 0u);
  EXPECT_EQ(client.rows("SELECT FILE_NAME, TABLE_NAME, STATUS, ROW_COUNT FROM IMEDNET_DB.INFORMATION_SCHEMA.LOAD_HISTORY"),
            "imednet/h1/A_0.parquet|RECORDS|LOADED|3");
  EXPECT_EQ(client.rows("SELECT FILE_NAME, ROW_COUNT FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'records', START_TIME => "
                        "DATEADD(hour, -24, CURRENT_TIMESTAMP())))"),
            "imednet/h1/A_0.parquet|3");
  client.post("/sandbox/clock", {{"offset_seconds", 65 * 24 * 3600}});
  Client later(server->port());
  // By now nobody knows whether the file was loaded.
  EXPECT_EQ(later.rows(copy_sql("'h1/A_0.parquet'")), "Copy executed with 0 files processed.");
  EXPECT_EQ(later.rows(copy_sql("'h1/A_0.parquet'", " LOAD_UNCERTAIN_FILES = TRUE")).find("my_stage"), 0u);
}

TEST_F(CopyTest, ChangedContentLoadsAgain) {
  stage("h1/A_0.parquet", kRows);
  ASSERT_EQ(client.code(copy_sql("'h1/A_0.parquet'")), "");
  stage("h1/A_0.parquet", "SELECT 'new' AS study_key, 9 AS record_id, '{}' AS record_data");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'")), "my_stage/imednet/h1/A_0.parquet|LOADED|1|1|1|0|NULL|NULL|NULL|NULL");
}

TEST_F(CopyTest, AFileReplacedAtOnceIsReadAnew) {
  ASSERT_EQ(stage("r/f.parquet", kRows), "");
  const auto file = dir.path() / "local" / "f.parquet";
  const auto size = std::filesystem::file_size(file);
  std::filesystem::copy_file(file, dir.path() / "good.parquet");
  std::ofstream(file, std::ios::binary) << std::string(size, 'x');
  const std::string target = "@MY_STAGE/imednet/r";
  ASSERT_EQ(put_file(client, file, target), "");
  EXPECT_EQ(client.code(copy_sql("'r/f.parquet'")), "100152");
  std::filesystem::copy_file(dir.path() / "good.parquet", file, std::filesystem::copy_options::overwrite_existing);
  ASSERT_EQ(put_file(client, file, target), "");
  EXPECT_EQ(client.code(copy_sql("'r/f.parquet'")), "");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM RECORDS"), "3");
}

TEST_F(CopyTest, TemporaryTablesHaveTheirOwnHistory) {
  stage("h1/A_0.parquet", kRows);
  ASSERT_EQ(client.code(copy_sql("'h1/A_0.parquet'")), "");
  make_table("CREATE TEMPORARY TABLE", "STAGING");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'", "", "STAGING")).find("my_stage"), 0u);
  client.code("BEGIN");
  EXPECT_EQ(client.rows("INSERT INTO records SELECT * FROM staging"), "3");
  client.code("COMMIT");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM records"), "6");
}

TEST_F(CopyTest, CopyInATransactionGoesWithIt) {
  stage("h1/A_0.parquet", kRows);
  client.code("BEGIN");
  ASSERT_EQ(client.code(copy_sql("'h1/A_0.parquet'")), "");
  EXPECT_EQ(client.code("INSERT INTO records (study_key) VALUES ('x')"), "100072");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM records"), "3");
  client.code("ROLLBACK");
  EXPECT_EQ(client.rows("SELECT COUNT(*) FROM records"), "0");
  EXPECT_EQ(client.rows(copy_sql("'h1/A_0.parquet'")).find("my_stage"), 0u);
}

TEST_F(CopyTest, PutListRemove) {
  EXPECT_EQ(stage("h1/A_0.parquet", kRows), "");
  EXPECT_EQ(client.rows("LIST @my_stage/imednet/h").find("my_stage/imednet/h1/A_0.parquet|"), 0u);
  EXPECT_EQ(client.rows("ls '@\"IMEDNET_DB\".\"PUBLIC\".\"MY_STAGE\"/imednet/h1/'").find("my_stage/imednet/h1/A_0.parquet|"), 0u);
  EXPECT_EQ(client.rows("LIST @my_stage/imednet/H"), "");
  // OVERWRITE: the old file is gone before the client writes.
  const Json answer = client.run("PUT file:///x/A_0.parquet @my_stage/imednet/h1 OVERWRITE=TRUE AUTO_COMPRESS=FALSE");
  EXPECT_EQ(answer["data"]["stageInfo"]["locationType"], "LOCAL_FS");
  EXPECT_EQ(answer["data"]["src_locations"][0], "/x/A_0.parquet");
  EXPECT_EQ(client.rows("LIST @my_stage"), "");
  stage("h1/A_0.parquet", kRows);
  EXPECT_EQ(client.rows("REMOVE @my_stage/imednet/"), "my_stage/imednet/h1/A_0.parquet|removed");
  EXPECT_EQ(client.code("PUT file:///x/a @my_stage/../../etc"), "001011");
  EXPECT_EQ(client.code("PUT file:///x/a @nosuch"), "002003");
  EXPECT_EQ(client.code("LIST @~"), "001003");
}

TEST_F(CopyTest, ARestartKeepsEverything) {
  stage("h1/A_0.parquet", kRows);
  ASSERT_EQ(client.code(copy_sql("'h1/A_0.parquet'")), "");
  client.close();
  server.reset();
  server = std::make_unique<SnowflakeServer>(options);
  Client again(server->port());
  EXPECT_EQ(again.rows("SELECT COUNT(*) FROM records"), "3");
  EXPECT_EQ(again.rows(copy_sql("'h1/A_0.parquet'")), "Copy executed with 0 files processed.");
  EXPECT_EQ(again.rows("LIST @my_stage/").find("my_stage/imednet/h1/A_0.parquet|"), 0u);
}

}  // namespace
}  // namespace imednet::sandbox::snowflake::testing
