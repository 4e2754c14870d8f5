// Every statement as it is sent: whoever changes one changes it here too, and thinks of what Snowflake makes of it.
#include "sinks/snowflake/statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "sinks/snowflake/merge_statements.h"
#include "sinks/snowflake/transaction_statements.h"
#include "table/dimensions.h"
#include "table/form_layout.h"
#include "table/records_layout.h"
#include "unit/sinks/names.h"

namespace imednet::sinks::snowflake {
namespace {

using testing::HasSubstr;
using testing::Not;

// No text of anybody's making can become a statement.
static_assert(!std::is_constructible_v<SqlText, std::string>);
static_assert(!std::is_constructible_v<SqlText, std::string_view>);
static_assert(!std::is_constructible_v<SqlText, const char*>);
static_assert(!std::is_convertible_v<std::string, SqlText>);
static_assert(!std::is_default_constructible_v<SqlText>);
static_assert(!std::is_constructible_v<Identifier, std::string>);
static_assert(!std::is_constructible_v<Identifier, const char*>);
static_assert(std::is_same_v<decltype(std::declval<const SqlText&>().text()), const std::string&>, "the text can't be changed later");

constexpr const char* kTable = R"("IMEDNET_DB"."PUBLIC"."RECORDS")";
constexpr std::string_view kOddStudy = R"(it's \ "odd")";
constexpr const char* kOddLiteral = R"('it''s \\ "odd"')";

std::string copy_text(std::span<const std::string> files, bool force, std::string_view run_id = "20260115T120000Z-0a0b0c0d") {
  return copy_into(table_name(), records_shape(), stage_directory(), files, run_id, force).text();
}

TEST(Statements, TheSessionIsUtcAndKeepsQuotedNames) {
  EXPECT_EQ(alter_session().text(),
            "ALTER SESSION SET TIMEZONE = 'UTC' QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ' "
            "ABORT_DETACHED_QUERY = TRUE");
  EXPECT_THAT(alter_session(90, 600).text(),
              testing::EndsWith(" STATEMENT_TIMEOUT_IN_SECONDS = 90 STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 600"));
  EXPECT_THAT(alter_session(0, 600).text(), testing::EndsWith("TRUE STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 600"));
  EXPECT_EQ(alter_session_tag("a'b\\c").text(), R"(ALTER SESSION SET QUERY_TAG = 'a''b\\c')");
}

TEST(Statements, TheCatalogIsAskedByExactNames) {
  EXPECT_EQ(current_context().text(),
            "SELECT CURRENT_ROLE() AS ROLE, CURRENT_WAREHOUSE() AS WAREHOUSE, CURRENT_DATABASE() AS DATABASE, CURRENT_SCHEMA() AS SCHEMA, "
            "CURRENT_VERSION() AS VERSION");
  EXPECT_EQ(show_stages(stage_directory().stage()).text(), R"(SHOW STAGES LIKE 'MY_STAGE' IN SCHEMA "IMEDNET_DB"."PUBLIC")");
  EXPECT_EQ(show_tables(table_name()).text(), R"(SHOW TABLES LIKE 'RECORDS' IN SCHEMA "IMEDNET_DB"."PUBLIC")");
  EXPECT_EQ(describe_table(table_name()).text(), R"(DESCRIBE TABLE "IMEDNET_DB"."PUBLIC"."RECORDS")");
  EXPECT_EQ(drop_table(table_name()).text(), R"(DROP TABLE IF EXISTS "IMEDNET_DB"."PUBLIC"."RECORDS")");
}

TEST(Statements, TheTargetHasTheLayoutsColumnsThenTheServiceColumns) {
  std::vector<std::string> names;
  for (const TargetColumn& column : records_shape().columns())
    names.push_back(column.name + " " + column.type + (column.nullable ? "" : " NOT NULL"));
  EXPECT_THAT(
      names, testing::ElementsAre("STUDY_KEY VARCHAR NOT NULL", "INTERVAL_ID NUMBER(38,0)", "FORM_ID NUMBER(38,0)", "FORM_KEY VARCHAR",
                                  "SITE_ID NUMBER(38,0)", "RECORD_ID NUMBER(38,0) NOT NULL", "RECORD_OID VARCHAR", "RECORD_TYPE VARCHAR",
                                  "RECORD_STATUS VARCHAR", "DELETED BOOLEAN", "DATE_CREATED TIMESTAMP_NTZ(9)",
                                  "DATE_MODIFIED TIMESTAMP_NTZ(9)", "SUBJECT_ID NUMBER(38,0)", "SUBJECT_OID VARCHAR", "SUBJECT_KEY VARCHAR",
                                  "VISIT_ID NUMBER(38,0)", "PARENT_RECORD_ID NUMBER(38,0)", "KEYWORDS VARCHAR", "RECORD_DATA VARIANT",
                                  "RECORD_DATA_RAW VARCHAR", "_ROW_HASH VARCHAR NOT NULL", "_FILE VARCHAR", "_RUN_ID VARCHAR",
                                  "_LOADED_AT TIMESTAMP_NTZ(9)", "_DELETED_AT TIMESTAMP_NTZ(9)"));
  std::size_t in_file = 0;
  for (const TargetColumn& column : records_shape().columns()) in_file += column.in_file;
  EXPECT_EQ(in_file, table::records_columns().size());
}

TEST(Statements, TheTargetIsMadeOnceWithACommentAColumn) {
  const std::string text = create_target(table_name(), records_shape()).text();
  EXPECT_TRUE(text.starts_with(std::string("CREATE TABLE IF NOT EXISTS ") + kTable +
                               R"( ("STUDY_KEY" VARCHAR NOT NULL COMMENT 'key of the study', )"))
      << text;
  EXPECT_THAT(text, HasSubstr(R"("DATE_CREATED" TIMESTAMP_NTZ(9) COMMENT 'when the record was made, UTC')"));
  EXPECT_THAT(text, HasSubstr(R"("_ROW_HASH" VARCHAR NOT NULL COMMENT)"));
  EXPECT_TRUE(text.ends_with(") COMMENT = 'iMednet records, one row a record; stamps are UTC'")) << text;
  EXPECT_THAT(text, Not(HasSubstr("OR REPLACE")));
  EXPECT_THAT(create_target(table_name(), records_shape(), TableKind::transient).text(),
              testing::StartsWith("CREATE TRANSIENT TABLE IF NOT EXISTS "));
  EXPECT_THAT(create_target(table_name(), records_shape(), TableKind::temporary).text(),
              testing::StartsWith("CREATE TEMPORARY TABLE IF NOT EXISTS "));
}

TEST(Statements, MissingColumnsAreAddedByOneAlter) {
  const std::vector<TargetColumn> columns = {{"SITE_ID", "NUMBER(38,0)", true, true, "id of the site"},
                                             {"_FILE", "VARCHAR", true, false, "it's here"}};
  EXPECT_EQ(
      add_columns(table_name(), columns).text(),
      R"(ALTER TABLE "IMEDNET_DB"."PUBLIC"."RECORDS" ADD COLUMN "SITE_ID" NUMBER(38,0) COMMENT 'id of the site', "_FILE" VARCHAR COMMENT 'it''s here')");
}

TEST(Statements, TheTemporaryTableIsLikeTheTarget) {
  const ObjectName temporary(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("IMEDNET_TMP_1"));
  EXPECT_EQ(create_temporary_like(temporary, table_name()).text(),
            R"(CREATE OR REPLACE TEMPORARY TABLE "IMEDNET_DB"."PUBLIC"."IMEDNET_TMP_1" LIKE "IMEDNET_DB"."PUBLIC"."RECORDS")");
  const std::string insert = insert_all_from(table_name(), temporary, records_shape()).text();
  EXPECT_TRUE(insert.starts_with(R"(INSERT INTO "IMEDNET_DB"."PUBLIC"."RECORDS" ("STUDY_KEY", "INTERVAL_ID", )")) << insert;
  EXPECT_THAT(insert, HasSubstr(R"("_DELETED_AT") SELECT "STUDY_KEY", "INTERVAL_ID", )"));
  EXPECT_TRUE(insert.ends_with(R"("_DELETED_AT" FROM "IMEDNET_DB"."PUBLIC"."IMEDNET_TMP_1")")) << insert;
}

TEST(Statements, FilesArePutOneByOneUncompressedAndOverwriteWhatIsThere) {
  EXPECT_EQ(
      put_file("/tmp/run/MY_STUDY_records_0.parquet", stage_directory(), "00112233445566778899aabbccddeeff").text(),
      R"(PUT 'file:///tmp/run/MY_STUDY_records_0.parquet' '@"IMEDNET_DB"."PUBLIC"."MY_STAGE"/imednet/00112233445566778899aabbccddeeff' )"
      "AUTO_COMPRESS = FALSE OVERWRITE = TRUE");
  EXPECT_EQ(put_file("/tmp/it's/f.parquet", stage_directory(""), "").text(),
            R"(PUT 'file:///tmp/it''s/f.parquet' '@"IMEDNET_DB"."PUBLIC"."MY_STAGE"/' AUTO_COMPRESS = FALSE OVERWRITE = TRUE)");
  const StageDirectory odd({Identifier::own("DB"), Identifier::own("S"), Identifier::parse(R"("it's")", "stage")}, "p");
  EXPECT_EQ(put_file("/f", odd, "h").text(), R"(PUT 'file:///f' '@"DB"."S"."it''s"/p/h' AUTO_COMPRESS = FALSE OVERWRITE = TRUE)");
}

TEST(Statements, AFileIsFetchedByItsWholePathIntoAFolder) {
  EXPECT_EQ(get_file(stage_directory(), "00112233445566778899aabbccddeeff/f.parquet", "/tmp/run/0").text(),
            R"(GET '@"IMEDNET_DB"."PUBLIC"."MY_STAGE"/imednet/00112233445566778899aabbccddeeff/f.parquet' 'file:///tmp/run/0/')");
  const StageDirectory odd({Identifier::own("DB"), Identifier::own("S"), Identifier::parse(R"("it's")", "stage")}, "");
  EXPECT_EQ(get_file(odd, "f.parquet", "/it's").text(), R"(GET '@"DB"."S"."it''s"/f.parquet' 'file:///it''s/')");
}

TEST(Statements, TheStageIsListedAndClearedBelowThePrefix) {
  EXPECT_EQ(list_stage(stage_directory()).text(), R"(LIST @"IMEDNET_DB"."PUBLIC"."MY_STAGE"/imednet/)");
  EXPECT_EQ(remove_file(stage_directory(), "h/f.parquet").text(), R"(REMOVE @"IMEDNET_DB"."PUBLIC"."MY_STAGE"/imednet/h/f.parquet)");
}

TEST(Statements, CopyNamesColumnsFilesAndEveryOption) {
  const std::vector<std::string> files = {"0a/MY_STUDY_records_0.parquet", "0b/MY_STUDY_records_1.parquet"};
  EXPECT_EQ(
      copy_text(files, false),
      R"(COPY INTO "IMEDNET_DB"."PUBLIC"."RECORDS" ("STUDY_KEY", "INTERVAL_ID", "FORM_ID", "FORM_KEY", "SITE_ID", "RECORD_ID", )"
      R"("RECORD_OID", "RECORD_TYPE", "RECORD_STATUS", "DELETED", "DATE_CREATED", "DATE_MODIFIED", "SUBJECT_ID", "SUBJECT_OID", )"
      R"("SUBJECT_KEY", "VISIT_ID", "PARENT_RECORD_ID", "KEYWORDS", "RECORD_DATA", "RECORD_DATA_RAW", "_ROW_HASH", "_FILE", "_RUN_ID", )"
      R"("_LOADED_AT") FROM (SELECT $1:study_key::VARCHAR, $1:interval_id::NUMBER(38,0), $1:form_id::NUMBER(38,0), $1:form_key::VARCHAR, )"
      R"($1:site_id::NUMBER(38,0), $1:record_id::NUMBER(38,0), $1:record_oid::VARCHAR, $1:record_type::VARCHAR, $1:record_status::VARCHAR, )"
      R"($1:deleted::BOOLEAN, $1:date_created::TIMESTAMP_NTZ, $1:date_modified::TIMESTAMP_NTZ, $1:subject_id::NUMBER(38,0), )"
      R"($1:subject_oid::VARCHAR, $1:subject_key::VARCHAR, $1:visit_id::NUMBER(38,0), $1:parent_record_id::NUMBER(38,0), )"
      R"($1:keywords::VARCHAR, PARSE_JSON($1:record_data::VARCHAR), $1:record_data_raw::VARCHAR, $1:_row_hash::VARCHAR, )"
      R"(METADATA$FILENAME, '20260115T120000Z-0a0b0c0d', METADATA$START_SCAN_TIME::TIMESTAMP_NTZ )"
      R"(FROM @"IMEDNET_DB"."PUBLIC"."MY_STAGE"/imednet/) FILES = ('0a/MY_STUDY_records_0.parquet', '0b/MY_STUDY_records_1.parquet') )"
      "FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE USE_VECTORIZED_SCANNER = TRUE) "
      "ON_ERROR = ABORT_STATEMENT FORCE = FALSE");
}

TEST(Statements, TypedColumnsAreReadAsTheirTypes) {
  Variable age, seen, day;
  age.variable_name = "IT.AGE", age.variable_type = "NUMBER", age.label = "it's years";
  seen.variable_name = "SEEN", seen.variable_type = "DATETIME";
  day.variable_name = "DAY", day.variable_type = "DATE";
  const std::vector<Variable> variables{age, seen, day};
  const table::FormLayout form("DM", variables, {}, {.is_safe = true});
  const TableShape shape(form.layout());
  const std::string text = copy_into(table_name(), shape, stage_directory(), std::vector<std::string>{"0a/f.parquet"}, "r", false).text();
  for (const char* item :
       {R"($1:IT_AGE::FLOAT)", R"($1:SEEN::TIMESTAMP_NTZ)", R"($1:DAY::DATE)", R"($1:DAY_TEXT::VARCHAR)", R"($1:_raw::VARCHAR)"})
    EXPECT_THAT(text, HasSubstr(item));
  const std::string create = create_target(table_name(), shape).text();
  EXPECT_THAT(create, HasSubstr(R"("IT_AGE" FLOAT COMMENT 'it''s years')"));
  EXPECT_THAT(create, HasSubstr(R"("DAY" DATE COMMENT)"));
  EXPECT_THAT(create, HasSubstr("iMednet records of one form"));
}

TEST(Statements, ADimensionHasAKeyOfItsOwn) {
  const table::Dimension sites = table::dimension_of("MY_STUDY", std::vector<Site>{});
  const TableShape shape(*sites.layout);
  const ObjectName temporary(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("IMEDNET_TMP_1"));
  EXPECT_THAT(study_state(table_name(), shape, "S", "r").text(), HasSubstr(R"(THEN "SITE_ID" END) AS "LIVE_IDS")"));
  EXPECT_THAT(insert_newest_from(table_name(), temporary, shape, {}).text(),
              testing::EndsWith(R"(PARTITION BY "STUDY_KEY", "SITE_ID" ORDER BY "DATE_MODIFIED" DESC NULLS LAST, "_FILE" DESC) = 1)"));
  const table::Dimension variables = table::dimension_of("MY_STUDY", std::vector<table::VariableInTable>{});
  EXPECT_THAT(insert_newest_from(table_name(), temporary, TableShape(*variables.layout), {}).text(),
              HasSubstr(R"("VARIABLE_ID" ORDER BY )"));
  EXPECT_THAT(file_facts(table_name(), shape, std::vector<std::string>{"f"}, "").text(), HasSubstr(R"(2147483647) * "SITE_ID")"));
}

TEST(Statements, ForceIsAlwaysSpelled) {
  const std::vector<std::string> files = {"0a/f.parquet"};
  EXPECT_TRUE(copy_text(files, false).ends_with(" ON_ERROR = ABORT_STATEMENT FORCE = FALSE"));
  EXPECT_TRUE(copy_text(files, true).ends_with(" ON_ERROR = ABORT_STATEMENT FORCE = TRUE"));
}

TEST(Statements, CopyHasNeitherPatternsNorMatchingByName) {
  const std::string text = copy_text(std::vector<std::string>{"0a/f.parquet"}, true);
  for (const char* word : {"PATTERN", "MATCH_BY_COLUMN_NAME", "SKIP_FILE", "CONTINUE", "PURGE"}) EXPECT_THAT(text, Not(HasSubstr(word)));
}

TEST(Statements, CopyEscapesWhatItIsGiven) {
  const std::string text = copy_text(std::vector<std::string>{"it's\\.parquet"}, false, "run'id");
  EXPECT_THAT(text, HasSubstr(R"(FILES = ('it''s\\.parquet'))"));
  EXPECT_THAT(text, HasSubstr("METADATA$FILENAME, 'run''id', METADATA$START_SCAN_TIME"));
}

TEST(Statements, LiveRowsAreCountedFileByFileAndColumnByColumn) {
  const std::vector<std::string> paths = {"imednet/0a/f.parquet", "it's"};
  const std::string text = file_facts(table_name(), records_shape(), paths, "run-1").text();
  EXPECT_TRUE(text.starts_with(R"(SELECT "_FILE", COUNT(*) AS "ROW_COUNT", COUNT("STUDY_KEY") AS "N_0", COUNT("INTERVAL_ID") AS "N_1", )"))
      << text;
  EXPECT_THAT(text, HasSubstr(R"(COUNT("_ROW_HASH") AS "N_20", TO_VARCHAR(SUM(HASH("STUDY_KEY", "INTERVAL_ID", )"));
  EXPECT_THAT(
      text,
      HasSubstr(R"("RECORD_DATA_RAW", "_ROW_HASH"), 2147483647) * "RECORD_ID")) AS "SUM_C" FROM "IMEDNET_DB"."PUBLIC"."RECORDS" WHERE)"));
  EXPECT_TRUE(text.ends_with(
      R"( WHERE "_DELETED_AT" IS NULL AND "_FILE" IN ('imednet/0a/f.parquet', 'it''s') AND "_RUN_ID" = 'run-1' GROUP BY "_FILE")"))
      << text;
  EXPECT_TRUE(
      file_facts(table_name(), records_shape(), paths, "").text().ends_with(R"(('imednet/0a/f.parquet', 'it''s') GROUP BY "_FILE")"));
}

TEST(Statements, AStudyKeyIsALiteralWhateverItHolds) {
  EXPECT_EQ(delete_study(table_name(), kOddStudy).text(),
            std::string(R"(DELETE FROM "IMEDNET_DB"."PUBLIC"."RECORDS" WHERE "STUDY_KEY" = )") + kOddLiteral);
}

TEST(Statements, TheLoadHistoryIsOfThisTableOnly) {
  EXPECT_EQ(
      load_history(table_name()).text(),
      R"(SELECT FILE_NAME, ROW_COUNT FROM "IMEDNET_DB".INFORMATION_SCHEMA.LOAD_HISTORY WHERE SCHEMA_NAME = 'PUBLIC' AND TABLE_NAME = )"
      "'RECORDS' AND STATUS = 'LOADED'");
}

TEST(Statements, AStatementIsAskedForByItsTag) {
  EXPECT_EQ(query_status(Identifier::own("IMEDNET_DB"), "it's:run-1:copy:7").text(),
            R"(SELECT EXECUTION_STATUS FROM TABLE("IMEDNET_DB".INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_TAG = )"
            "'it''s:run-1:copy:7' ORDER BY START_TIME DESC LIMIT 1");
}

TEST(Statements, ATransactionIsBegunAndEndedByName) {
  EXPECT_EQ(begin_transaction("IMEDNET_RUN1_0_1_2").text(), "BEGIN TRANSACTION NAME IMEDNET_RUN1_0_1_2");
  for (const char* name : {"", "a", "A B", "A;COMMIT", "A\""}) EXPECT_THROW(begin_transaction(name), ImednetError) << name;
  EXPECT_EQ(commit_transaction().text(), "COMMIT");
  EXPECT_EQ(rollback_transaction().text(), "ROLLBACK");
}

class LedgerStatements : public testing::Test {
 protected:
  const ObjectName ledger{Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("IMEDNET_LOADS")};
  const LedgerEntry entry{.target = "IMEDNET_DB.PUBLIC.RECORDS",
                          .target_created = "2026-01-15 12:00:00.000 +0000",
                          .study = std::string(kOddStudy),
                          .layout = "records",
                          .batch_id = "MY_STUDY/records/0",
                          .hash = "0a",
                          .file_path = "imednet/0a/MY_STUDY_records_0.parquet",
                          .sha256 = "ff",
                          .run_id = "run-1",
                          .statement_tag = "imednet:run-1:copy:7",
                          .rows = 50'000,
                          .first_record_id = -1,
                          .last_record_id = 9223372036854775807};
};

TEST_F(LedgerStatements, TheLedgerIsMadeOnceAndNeverReplaced) {
  EXPECT_EQ(create_ledger(ledger).text(),
            R"(CREATE TABLE IF NOT EXISTS "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS" ("TARGET_TABLE" VARCHAR NOT NULL, )"
            R"("TARGET_CREATED" VARCHAR NOT NULL, "STUDY_KEY" VARCHAR NOT NULL, "LAYOUT" VARCHAR NOT NULL, "BATCH_ID" VARCHAR NOT NULL, )"
            R"("HASH" VARCHAR NOT NULL, "FILE_PATH" VARCHAR NOT NULL, "SHA256" VARCHAR, "ROW_COUNT" NUMBER(38,0) NOT NULL, )"
            R"("FIRST_RECORD_ID" NUMBER(38,0), "LAST_RECORD_ID" NUMBER(38,0), "RUN_ID" VARCHAR NOT NULL, "STATEMENT_TAG" VARCHAR, )"
            R"("LOADED_AT" TIMESTAMP_NTZ(9) NOT NULL, "SUPERSEDED_BY" VARCHAR) )"
            "COMMENT = 'which staged file is in which table; never delete rows of a table that is still loaded'");
}

TEST_F(LedgerStatements, EntriesAreReadForOneTableOneStudyAndNotSuperseded) {
  EXPECT_EQ(
      ledger_entries(ledger, "DB.S.T", "created", kOddStudy).text(),
      std::string(R"(SELECT "BATCH_ID", "HASH", "FILE_PATH", "SHA256", "ROW_COUNT", COALESCE("FIRST_RECORD_ID", 0) AS "FIRST_RECORD_ID", )"
                  R"(COALESCE("LAST_RECORD_ID", 0) AS "LAST_RECORD_ID" FROM "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS" WHERE )"
                  R"("TARGET_TABLE" = 'DB.S.T' AND "TARGET_CREATED" = 'created' AND "STUDY_KEY" = )") +
          kOddLiteral + R"( AND "SUPERSEDED_BY" IS NULL)");
}

TEST_F(LedgerStatements, EntriesAreWrittenInOneInsertWithTheServersTime) {
  const std::string row = std::string("('IMEDNET_DB.PUBLIC.RECORDS', '2026-01-15 12:00:00.000 +0000', ") + kOddLiteral +
                          ", 'records', 'MY_STUDY/records/0', '0a', 'imednet/0a/MY_STUDY_records_0.parquet', 'ff', 50000, -1, "
                          "9223372036854775807, 'run-1', 'imednet:run-1:copy:7', SYSDATE())";
  EXPECT_EQ(
      insert_ledger(ledger, std::vector<LedgerEntry>{entry, entry}).text(),
      R"(INSERT INTO "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS" ("TARGET_TABLE", "TARGET_CREATED", "STUDY_KEY", "LAYOUT", "BATCH_ID", "HASH", )"
      R"("FILE_PATH", "SHA256", "ROW_COUNT", "FIRST_RECORD_ID", "LAST_RECORD_ID", "RUN_ID", "STATEMENT_TAG", "LOADED_AT") VALUES )" +
          row + ", " + row);
}

TEST_F(LedgerStatements, OnlyTheStudysRowsOfTheTableAreSuperseded) {
  EXPECT_EQ(supersede_ledger(ledger, "DB.S.T", kOddStudy, "run-1").text(),
            std::string(R"(UPDATE "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS" SET "SUPERSEDED_BY" = 'run-1' WHERE "TARGET_TABLE" = 'DB.S.T' AND )"
                        R"("STUDY_KEY" = )") +
                kOddLiteral + R"( AND "SUPERSEDED_BY" IS NULL)");
}

}  // namespace
}  // namespace imednet::sinks::snowflake
