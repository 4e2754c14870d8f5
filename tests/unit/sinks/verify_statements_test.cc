#include "sinks/snowflake/verify_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

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

}  // namespace
}  // namespace imednet::sinks::snowflake
