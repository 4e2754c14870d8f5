// Every text of a merge as it is sent; the live rows of a study follow from them.
#include "sinks/snowflake/merge_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sinks/names.h"

namespace imednet::sinks::snowflake {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kOddStudy = R"(it's \ "odd")";
constexpr const char* kOddLiteral = R"('it''s \\ "odd"')";
constexpr const char* kTable = R"("IMEDNET_DB"."PUBLIC"."RECORDS")";
constexpr const char* kTemporary = R"("IMEDNET_DB"."PUBLIC"."IMEDNET_TMP_1")";
constexpr const char* kSameRecord = R"(t."STUDY_KEY" = s."STUDY_KEY" AND t."RECORD_ID" = s."RECORD_ID")";

class MergeStatements : public testing::Test {
 protected:
  static std::string joined(const char* before, const char* between, bool assigns = false) {
    std::string text;
    for (const TargetColumn& column : records_shape().columns()) {
      if (!text.empty()) text += between;
      const std::string name = '"' + column.name + '"';
      text += assigns ? name + " = s." + name : before + name;
    }
    return text;
  }

  const ObjectName temporary{Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("IMEDNET_TMP_1")};
  const std::vector<std::string> paths = {"imednet/0a/S_records_0.parquet", "it's"};
};

TEST_F(MergeStatements, TheStudyIsCountedInOneQuestion) {
  EXPECT_EQ(study_state(table_name(), records_shape(), kOddStudy, "run'1").text(),
            std::string(R"(SELECT COUNT(*) AS "ROW_COUNT", COUNT(CASE WHEN "_DELETED_AT" IS NULL THEN 1 END) AS "LIVE_ROWS", )"
                        R"(COUNT(DISTINCT CASE WHEN "_DELETED_AT" IS NULL THEN "RECORD_ID" END) AS "LIVE_IDS", )"
                        R"(COUNT(CASE WHEN "_RUN_ID" = 'run''1' THEN 1 END) AS "RUN_ROWS" FROM )") +
                kTable + R"( WHERE "STUDY_KEY" = )" + kOddLiteral);
}

TEST_F(MergeStatements, FormsAreCountedOverLiveRowsAndNoFormIsAnEmptyKey) {
  EXPECT_EQ(form_rows(table_name(), kOddStudy).text(),
            std::string(R"(SELECT COALESCE("FORM_KEY", '') AS "FORM_KEY", COUNT(*) AS "ROW_COUNT" FROM )") + kTable +
                R"( WHERE "STUDY_KEY" = )" + kOddLiteral + R"( AND "_DELETED_AT" IS NULL GROUP BY 1)");
}

TEST_F(MergeStatements, RowsOfTheRunAreCountedByFile) {
  EXPECT_EQ(run_rows_by_file(table_name(), kOddStudy, "run-1").text(), std::string(R"(SELECT "_FILE", COUNT(*) AS "ROW_COUNT" FROM )") +
                                                                           kTable + R"( WHERE "STUDY_KEY" = )" + kOddLiteral +
                                                                           R"( AND "_RUN_ID" = 'run-1' GROUP BY "_FILE")");
}

TEST_F(MergeStatements, WhatWaitsIsCountedByRowsAndByRecords) {
  EXPECT_EQ(key_counts(temporary, records_shape()).text(),
            std::string(R"(SELECT COUNT(*) AS "ROW_COUNT", (SELECT COUNT(*) FROM (SELECT DISTINCT "STUDY_KEY", "RECORD_ID" FROM )") +
                kTemporary + R"()) AS "KEY_COUNT" FROM )" + kTemporary);
  EXPECT_EQ(equal_rows(table_name(), temporary, records_shape()).text(),
            std::string(R"(SELECT COUNT(*) AS "ROW_COUNT" FROM )") + kTable + " t JOIN " + kTemporary + " s ON " + kSameRecord +
                R"( AND t."_ROW_HASH" = s."_ROW_HASH" WHERE t."_DELETED_AT" IS NULL)");
}

// MERGE lets two new rows of one record in, so each record comes once: the newest, and of two changed at the same time the one
// in the later file.
TEST_F(MergeStatements, EachRecordComesOnceNewestFirstThenByTheOrderOfTheFiles) {
  const std::string newest =
      std::string("SELECT ") + joined("", ", ") + " FROM " + kTemporary +
      R"( QUALIFY ROW_NUMBER() OVER (PARTITION BY "STUDY_KEY", "RECORD_ID" ORDER BY "DATE_MODIFIED" DESC NULLS LAST, )"
      R"(CASE "_FILE" WHEN 'imednet/0a/S_records_0.parquet' THEN 0 WHEN 'it''s' THEN 1 ELSE -1 END DESC) = 1)";
  EXPECT_EQ(insert_newest_from(table_name(), temporary, records_shape(), paths).text(),
            std::string("INSERT INTO ") + kTable + " (" + joined("", ", ") + ") " + newest);
  EXPECT_THAT(merge_from(table_name(), temporary, records_shape(), paths).text(),
              StartsWith(std::string("MERGE INTO ") + kTable + " t USING (" + newest + ") s ON " + kSameRecord + " WHEN MATCHED AND ("));
}

TEST_F(MergeStatements, WithoutPathsTheFilesNameDecides) {
  const std::string text = insert_newest_from(table_name(), temporary, records_shape(), {}).text();
  EXPECT_THAT(text, EndsWith(R"(ORDER BY "DATE_MODIFIED" DESC NULLS LAST, "_FILE" DESC) = 1)"));
  EXPECT_THAT(text, Not(HasSubstr("CASE")));
}

TEST_F(MergeStatements, ARowIsWrittenWhenItsHashDiffersIsMissingOrItWasMarkedDeleted) {
  EXPECT_THAT(
      merge_from(table_name(), temporary, records_shape(), paths).text(),
      EndsWith(std::string(R"( WHEN MATCHED AND (t."_ROW_HASH" <> s."_ROW_HASH" OR t."_ROW_HASH" IS NULL OR )"
                           R"(t."_DELETED_AT" IS NOT NULL) THEN UPDATE SET )") +
               joined("", ", ", true) + " WHEN NOT MATCHED THEN INSERT (" + joined("", ", ") + ") VALUES (" + joined("s.", ", ") + ")"));
}

// COPY leaves the mark null, and MERGE carries it over with all other columns: a record that returns is live again.
TEST_F(MergeStatements, AReturningRecordLosesItsMark) {
  EXPECT_THAT(merge_from(table_name(), temporary, records_shape(), paths).text(), HasSubstr(R"("_DELETED_AT" = s."_DELETED_AT")"));
}

TEST_F(MergeStatements, MissingRecordsAreLiveRowsThatNeitherWaitNorAreKept) {
  const std::vector<IdRange> kept = {{-5, 29}, {40, 9223372036854775807}};
  const std::string start = std::string(R"(SELECT t."RECORD_ID" FROM )") + kTable + R"( t WHERE t."STUDY_KEY" = )" + kOddLiteral +
                            R"( AND t."_DELETED_AT" IS NULL)";
  const std::string end = R"( ORDER BY t."RECORD_ID")";
  const std::string waits = std::string(" AND NOT EXISTS (SELECT 1 FROM ") + kTemporary + " s WHERE " + kSameRecord + ")";
  const std::string ranges = R"( AND NOT (t."RECORD_ID" BETWEEN -5 AND 29) AND NOT (t."RECORD_ID" BETWEEN 40 AND 9223372036854775807))";
  EXPECT_EQ(missing_records(table_name(), &temporary, kOddStudy, kept).text(), start + waits + ranges + end);
  EXPECT_EQ(missing_records(table_name(), nullptr, kOddStudy, kept).text(), start + ranges + end);
  EXPECT_EQ(missing_records(table_name(), &temporary, kOddStudy, {}).text(), start + waits + end);
  EXPECT_EQ(missing_records(table_name(), nullptr, kOddStudy, {}).text(), start + end);
}

TEST_F(MergeStatements, OnlyLiveRowsOfTheStudyAreMarkedByTheServersTime) {
  const std::vector<std::int64_t> ids = {-1, 7, 9223372036854775807};
  EXPECT_EQ(mark_deleted(table_name(), kOddStudy, ids).text(),
            std::string("UPDATE ") + kTable + R"( SET "_DELETED_AT" = SYSDATE() WHERE "STUDY_KEY" = )" + kOddLiteral +
                R"( AND "_DELETED_AT" IS NULL AND "RECORD_ID" IN (-1, 7, 9223372036854775807))");
}

TEST_F(MergeStatements, OnlyTheNamedFilesOfTheStudyAreSuperseded) {
  const ObjectName ledger{Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("IMEDNET_LOADS")};
  EXPECT_EQ(
      supersede_files(ledger, "DB.S.T", kOddStudy, paths, "run'1").text(),
      std::string(R"(UPDATE "IMEDNET_DB"."PUBLIC"."IMEDNET_LOADS" SET "SUPERSEDED_BY" = 'run''1' WHERE "TARGET_TABLE" = 'DB.S.T' AND )"
                  R"("STUDY_KEY" = )") +
          kOddLiteral + R"( AND "SUPERSEDED_BY" IS NULL AND "FILE_PATH" IN ('imednet/0a/S_records_0.parquet', 'it''s'))");
}

TEST_F(MergeStatements, RowHashesAreAskedForARangeOfIdsThatMayBeOpen) {
  const std::string all = row_hashes(table_name(), kOddStudy, -5, std::nullopt).text();
  EXPECT_THAT(all, HasSubstr(std::string(R"(WHERE "STUDY_KEY" = )") + kOddLiteral + R"( AND "RECORD_ID" > -5 ORDER BY "RECORD_ID")"));
  EXPECT_THAT(row_hashes(table_name(), "S", 10, 20).text(), HasSubstr(R"("RECORD_ID" > 10 AND "RECORD_ID" <= 20 ORDER BY)"));
}

TEST_F(MergeStatements, OddNamesStayNames) {
  const ObjectName odd(Identifier::own("DB"), Identifier::own("S"), Identifier::parse(R"("it's; ""odd"" -- name")", "table"));
  const std::string quoted = R"("DB"."S"."it's; ""odd"" -- name")";
  EXPECT_THAT(merge_from(odd, temporary, records_shape(), paths).text(), StartsWith("MERGE INTO " + quoted + " t USING ("));
  EXPECT_THAT(insert_newest_from(odd, temporary, records_shape(), paths).text(), StartsWith("INSERT INTO " + quoted + " ("));
  EXPECT_THAT(mark_deleted(odd, "S", std::vector<std::int64_t>{1}).text(), StartsWith("UPDATE " + quoted + " SET "));
  EXPECT_THAT(missing_records(odd, &temporary, "S", {}).text(), HasSubstr(" FROM " + quoted + " t WHERE "));
  EXPECT_THAT(study_state(odd, records_shape(), "S", "r").text(), HasSubstr(" FROM " + quoted + " WHERE "));
  EXPECT_THAT(form_rows(odd, "S").text(), HasSubstr(" FROM " + quoted + " WHERE "));
  EXPECT_THAT(equal_rows(odd, temporary, records_shape()).text(), HasSubstr(" FROM " + quoted + " t JOIN "));
}

TEST_F(MergeStatements, SomeRecordsAreAskedForByTheirIds) {
  const std::vector<std::int64_t> ids = {-1, 7};
  EXPECT_EQ(row_hashes_of(table_name(), kOddStudy, ids).text(),
            std::string(R"(SELECT "RECORD_ID", "_ROW_HASH", CASE WHEN "_DELETED_AT" IS NULL THEN 1 ELSE 0 END AS "IS_LIVE" FROM )") +
                kTable + R"( WHERE "STUDY_KEY" = )" + kOddLiteral + R"( AND "RECORD_ID" IN (-1, 7))");
}

TEST_F(MergeStatements, WhatARunWroteIsAskedForInOrder) {
  EXPECT_EQ(records_of_run(table_name(), kOddStudy, "run'1").text(), std::string(R"(SELECT "RECORD_ID" FROM )") + kTable +
                                                                         R"( WHERE "STUDY_KEY" = )" + kOddLiteral +
                                                                         R"( AND "_RUN_ID" = 'run''1' ORDER BY "RECORD_ID")");
}

}  // namespace
}  // namespace imednet::sinks::snowflake
