#include "sinks/snowflake/verify_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "table/owned_layout.h"
#include "unit/sinks/names.h"

namespace imednet::sinks::snowflake {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(VerifyStatements, SumTheDigestsOfEachPart) {
  const std::vector<std::int64_t> ends = {10, 20, 30};
  const std::string text = part_checksums(table_name(), records_shape(), "it's", ends).text();
  EXPECT_THAT(
      text, HasSubstr(R"(SELECT IFF("RECORD_ID" <= 20, IFF("RECORD_ID" <= 10, 0, 1), IFF("RECORD_ID" <= 30, 2, 3)) AS "PART", COUNT(*))"));
  EXPECT_THAT(text, HasSubstr(R"(HASH("STUDY_KEY", "INTERVAL_ID",)"));
  EXPECT_THAT(text, HasSubstr(R"("RECORD_DATA", "RECORD_DATA_RAW", "_ROW_HASH") AS "DIGEST")"));
  EXPECT_THAT(text, Not(HasSubstr("_LOADED_AT")));
  EXPECT_THAT(text, HasSubstr(R"("STUDY_KEY" = 'it''s' AND "_DELETED_AT" IS NULL)"));
  EXPECT_THAT(part_checksums(table_name(), records_shape(), "S", {}).text(), HasSubstr(R"(SELECT 0 AS "PART")"));
}

TEST(VerifyStatements, FetchThePartsThatAreAskedFor) {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const std::vector<IdsBetween> parts = {{kLeast, 5}, {7, 9}, {11, kMost}};
  const std::string text = part_rows(table_name(), records_shape(), "S", parts).text();
  EXPECT_THAT(text,
              HasSubstr(R"(AND ("RECORD_ID" <= 5 OR ("RECORD_ID" > 7 AND "RECORD_ID" <= 9) OR "RECORD_ID" > 11) ORDER BY "RECORD_ID")"));
  EXPECT_THAT(text, HasSubstr(R"(TO_JSON("RECORD_DATA") AS "RECORD_DATA", "RECORD_DATA_RAW", "_ROW_HASH" FROM)"));
  EXPECT_THAT(text, HasSubstr(R"(DATEDIFF(MICROSECOND, '1970-01-01'::TIMESTAMP_NTZ, "DATE_CREATED"))"));
}

TEST(VerifyStatements, SumWhatIsThereOfATypedRowByName) {
  const table::OwnedLayout site(
      "dimension", 1, {{"study_key"}, {"site_id", table::ColumnKind::integer, false}, {"_row_hash", table::ColumnKind::hash, false}});
  const TableShape shape(site.layout());
  const std::vector<std::int64_t> ends = {10};
  const std::string text = part_checksums(table_name(), shape, "S", ends).text();
  EXPECT_THAT(text, HasSubstr(R"(SELECT IFF("SITE_ID" <= 10, 0, 1) AS "PART")"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(SELECT "SITE_ID", (NVL2("STUDY_KEY", HASH('STUDY_KEY', "STUDY_KEY"), 0) + )"
                R"((NVL2("SITE_ID", HASH('SITE_ID', "SITE_ID"), 0) + NVL2("_ROW_HASH", HASH('_ROW_HASH', "_ROW_HASH"), 0))) AS "DIGEST")"));
  const std::vector<IdsBetween> parts = {{7, 9}};
  EXPECT_THAT(part_rows(table_name(), shape, "S", parts).text(),
              HasSubstr(R"(AND (("SITE_ID" > 7 AND "SITE_ID" <= 9)) ORDER BY "SITE_ID")"));
}

}  // namespace
}  // namespace imednet::sinks::snowflake
