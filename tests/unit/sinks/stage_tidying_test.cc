// How old a file is and whose it is, judged from what LIST says. The removal itself: tests/e2e/gc_test.py.
#include "sinks/snowflake/stage_tidying.h"

#include <gtest/gtest.h>

#include "sinks/snowflake/upkeep_statements.h"
#include "unit/sinks/names.h"

namespace imednet::sinks::snowflake {
namespace {

const std::string kDirectoryHash = "0123456789abcdef0123456789abcdef";

std::int64_t seconds_of(std::string_view stamp) {
  const auto moment = parse_list_stamp(stamp);
  return moment ? moment->time_since_epoch().count() : -1;
}

TEST(ListStamp, IsReadToTheSecond) {
  EXPECT_EQ(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(seconds_of("Wed, 25 Nov 2026 02:30:05 GMT"), 1795573805);
  EXPECT_EQ(seconds_of("Sat, 29 Feb 2020 23:59:59 GMT"), 1583020799);
  EXPECT_EQ(seconds_of("Wed, 1 Jul 2026 00:00:00 GMT"), seconds_of("Wed, 01 Jul 2026 00:00:00 GMT"));
}

TEST(ListStamp, AnyOtherTextIsNone) {
  for (const char* text :
       {"", "2026-11-25 02:30:05", "Wed, 25 Nov 2026 02:30:05", "Wed, 25 Nov 2026 02:30:05 UTC", "Wed, 25 Nov 2026 02:30:05 GMT ",
        "Tue, 25 Nov 2026 02:30:05 GMT", "Sun, 29 Feb 2026 00:00:00 GMT", "Wed, 25 nov 2026 02:30:05 GMT", "Wed, 25 Nov 2026 24:30:05 GMT",
        "Wed, 25 Nov 2026 02:60:05 GMT", "Wed, 25 Nov 2026 02:30:60 GMT", "Wed, 2x Nov 2026 02:30:05 GMT", "Wed  25 Nov 2026 02:30:05 GMT",
        "Wed, 00 Nov 2026 02:30:05 GMT", "Wed, 25 Nov -026 02:30:05 GMT"}) {
    EXPECT_EQ(parse_list_stamp(text), std::nullopt) << text;
  }
}

TEST(OwnPath, IsPrefixThenHashThenFile) {
  const StageDirectory directory = stage_directory("imednet/prod");
  EXPECT_TRUE(is_own_path(directory, "imednet/prod/" + kDirectoryHash + "/MY_STUDY_records_0.parquet"));
  EXPECT_TRUE(is_own_path(stage_directory(""), kDirectoryHash + "/S-1_records_12.parquet"));
  EXPECT_TRUE(is_own_path(stage_directory(""), "doctor-20261125T023005Z-0123abcd/IMEDNET_DOCTOR_records_0.parquet"));
}

TEST(OwnPath, NothingElseIs) {
  const StageDirectory directory = stage_directory("imednet");
  const std::string upper = "0123456789ABCDEF0123456789ABCDEF";
  for (const std::string& path : std::initializer_list<std::string>{
           std::string(), std::string("imednet"), "imednet/" + kDirectoryHash, "imednet/" + kDirectoryHash + "/",
           "imednet/" + kDirectoryHash + "/.parquet", "imednet/" + kDirectoryHash + "/x.csv", "imednet/" + kDirectoryHash + "/x.parquet.gz",
           "imednet/" + kDirectoryHash + "/a/x.parquet", "imednet/" + kDirectoryHash + "/a b.parquet",
           "imednet/" + kDirectoryHash + "/..x.parquet", "imednet/" + upper + "/x.parquet",
           "imednet/" + kDirectoryHash.substr(1) + "/x.parquet", "imednet/" + kDirectoryHash + "0/x.parquet", "imednet/x.parquet",
           "imednet/doctor-notes/x.parquet", "imednet/more/" + kDirectoryHash + "/x.parquet", "imednet2/" + kDirectoryHash + "/x.parquet",
           "Imednet/" + kDirectoryHash + "/x.parquet", kDirectoryHash + "/x.parquet"}) {
    EXPECT_FALSE(is_own_path(directory, path)) << path;
  }
}

TEST(ListRow, HasItsPathBehindTheStagesName) {
  EXPECT_EQ(path_of_row("my_stage/imednet/x.parquet"), "imednet/x.parquet");
  EXPECT_EQ(path_of_row("my_stage"), "");
}

TEST(UpkeepStatements, ATrialTableIsNeverAPermanentOne) {
  EXPECT_TRUE(create_target(table_name(), records_shape(), TableKind::temporary)
                  .text()
                  .starts_with("CREATE TEMPORARY TABLE IF NOT EXISTS \"IMEDNET_DB\""));
  EXPECT_TRUE(create_target(table_name(), records_shape(), TableKind::transient)
                  .text()
                  .starts_with("CREATE TRANSIENT TABLE IF NOT EXISTS \"IMEDNET_DB\""));
  EXPECT_TRUE(create_target(table_name(), records_shape()).text().starts_with("CREATE TABLE IF NOT EXISTS \"IMEDNET_DB\""));
}

TEST(UpkeepStatements, NameTheLedgerInQuotes) {
  const ObjectName ledger(Identifier::own("DB"), Identifier::parse("\"odd\"\"one\"", "schema"), Identifier::own("IMEDNET_LOADS"));
  EXPECT_EQ(ledger_paths(ledger).text(), "SELECT DISTINCT \"FILE_PATH\" FROM \"DB\".\"odd\"\"one\".\"IMEDNET_LOADS\"");
}

}  // namespace
}  // namespace imednet::sinks::snowflake
