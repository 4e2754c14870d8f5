// What write_batch promises of Snowflake: its stage, table and ledger. What every sink promises: every_sink_test.cc.
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e_cpp/sink_case.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportBatchError;
using integrations::SnowflakeExportSink;
using testing::HasSubstr;

constexpr const char* kBatch = "MY_STUDY/records/0";

class WriteBatch : public SinkCase {};

TEST_F(WriteBatch, OtherRowsUnderTheSameIdLieBesideTheFirst) {
  SnowflakeExportSink sink(config());
  EXPECT_EQ(sink.write_batch(records(3), kBatch), 3);
  auto changed = records(3);
  changed[1].record_status = "Complete";
  EXPECT_EQ(sink.write_batch(changed, kBatch), 3);
  EXPECT_EQ(on_stage().size(), 2u) << "one directory a content";
}

TEST_F(WriteBatch, TheRowsSnowflakeHoldsAreTheRecords) {
  SnowflakeExportSink sink(config());
  sink.write_batch(records(2), kBatch);
  const auto rows = sandbox().sql(
      "SELECT STUDY_KEY, RECORD_ID, FORM_KEY, SITE_ID, DELETED::VARCHAR, DATE_CREATED::VARCHAR, SUBJECT_KEY, VISIT_ID, KEYWORDS, "
      "RECORD_DATA:\"it.age\"::NUMBER, RECORD_DATA:\"it.note\"::VARCHAR, RECORD_DATA_RAW, _FILE FROM " +
      table + " ORDER BY RECORD_ID");
  ASSERT_EQ(rows.size(), 2u);
  const auto files = on_stage();
  ASSERT_EQ(files.size(), 1u);
  EXPECT_THAT(rows[0], testing::ElementsAre("MY_STUDY", "1", "DM", "10", "true", "2026-01-15 12:00:00.000", "01-701", std::nullopt,
                                            std::nullopt, "20", R"(it's \ "odd")", std::nullopt, files[0].first));
  EXPECT_THAT(rows[1], testing::ElementsAre("MY_STUDY", "2", "VS", "11", "false", "2026-01-15 12:00:00.000", "01-702", std::nullopt, "[]",
                                            "21", R"(it's \ "odd")", std::nullopt, files[0].first));
}

TEST_F(WriteBatch, AStudyKeyOfAnyTextIsOnlyText) {
  const std::string odd = R"(it's \ "odd"'); DROP TABLE x --)";
  SnowflakeExportSink sink(config());
  EXPECT_EQ(sink.write_batch(records(4, 1, odd), "nightly 2026/01"), 4);
  EXPECT_EQ(sink.write_batch(records(4, 1, odd), "nightly 2026/01"), 0);
  EXPECT_EQ(sandbox().value("SELECT DISTINCT STUDY_KEY FROM " + table), odd);
}

TEST_F(WriteBatch, AMovedFromSinkSaysThatItIsClosed) {
  SnowflakeExportSink first(config());
  SnowflakeExportSink second(std::move(first));
  const auto error = thrown<ExportBatchError>([&] { first.write_batch(records(1), kBatch); });  // NOLINT(bugprone-use-after-move)
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
  EXPECT_NO_THROW(first.close());
  EXPECT_NO_THROW(first.flush());
  EXPECT_EQ(second.write_batch(records(1), kBatch), 1);
  first = std::move(second);
  EXPECT_EQ(first.write_batch(records(1), kBatch), 0);
}

TEST_F(WriteBatch, TheTemporaryFolderIsGoneOnEveryWayOut) {
  try {
    SnowflakeExportSink sink(config());
    ASSERT_EQ(temporary_folders().size(), 1u);
    EXPECT_EQ(mode_of(temporary_folders()[0]), 0700u);
    sink.write_batch(records(2), kBatch);
    sink.write_batch(records(2), std::string(2000, 'x'));  // refused
    ADD_FAILURE() << "nothing was thrown";
  } catch (const ExportBatchError&) {
  }
  EXPECT_TRUE(temporary_folders().empty());
  {
    SnowflakeExportSink sink(config());
    sink.write_batch(records(2), kBatch);
    sink.close();
  }
  EXPECT_TRUE(temporary_folders().empty());
}

TEST_F(WriteBatch, TheManifestTellsWhereTheFileLies) {
  auto settings = config();
  settings.local_staging_dir = folder / "staging";
  settings.manifest_path = folder / "m.jsonl";
  {
    SnowflakeExportSink sink(settings);
    sink.write_batch(records(5), kBatch);
  }
  std::ifstream file(folder / "m.jsonl");
  std::vector<nlohmann::ordered_json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::ordered_json::parse(line));
  ASSERT_EQ(lines.size(), 1u);
  std::vector<std::string> names;
  for (const auto& [name, value] : lines[0].items()) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("batch_id", "stage_path", "row_count", "loaded_at", "sha256", "bytes", "hash", "table", "run_id",
                                          "status", "checksum"));
  const std::string hash = lines[0].at("hash");
  EXPECT_THAT(hash, testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(lines[0].at("batch_id"), kBatch);
  EXPECT_EQ(lines[0].at("stage_path"), "@MY_STAGE/" + prefix + "/" + hash + "/MY_STUDY_records_0.parquet");
  EXPECT_THAT(lines[0].at("loaded_at").get<std::string>(), testing::MatchesRegex("....-..-..T..:..:..\\+00:00"));
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(folder / "staging" / "MY_STUDY_records_0.parquet"));
  EXPECT_THAT(on_stage(), testing::ElementsAre(testing::Pair(HasSubstr("MY_STUDY_records_0.parquet"), encrypted_size(size))));
}

TEST_F(WriteBatch, TheLedgerRemembersFileAndTable) {
  SnowflakeExportSink sink(config());
  sink.write_batch(records(6, 101), kBatch);
  const auto rows = sandbox().sql(
      "SELECT STUDY_KEY, BATCH_ID, FILE_PATH, ROW_COUNT, FIRST_RECORD_ID, LAST_RECORD_ID, SUPERSEDED_BY FROM IMEDNET_LOADS "
      "WHERE TARGET_TABLE = 'IMEDNET_DB.PUBLIC." +
      table + "'");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_THAT(rows[0], testing::ElementsAre("MY_STUDY", kBatch, on_stage().at(0).first, "6", "101", "106", std::nullopt));
  // The same name made anew is another table.
  sandbox().sql("DROP TABLE " + table);
  SnowflakeExportSink again(config());
  EXPECT_EQ(again.write_batch(records(6, 101), kBatch), 6);
}

TEST_F(WriteBatch, WithoutALedgerTheTableItselfRemembers) {
  auto settings = config();
  settings.use_ledger = false;
  SnowflakeExportSink sink(settings);
  EXPECT_EQ(sink.write_batch(records(6), kBatch), 6);
  EXPECT_EQ(sink.write_batch(records(6), kBatch), 0);
  EXPECT_EQ(sandbox().value("SELECT COUNT(*) FROM IMEDNET_LOADS WHERE TARGET_TABLE = 'IMEDNET_DB.PUBLIC." + table + "'"), "0");
}

TEST_F(WriteBatch, EveryStatementCarriesTheRunsTag) {
  auto settings = config();
  settings.query_tag = "nightly";
  SnowflakeExportSink sink(settings);
  sink.write_batch(records(2), kBatch);
  const auto rows = sandbox().sql(
      "SELECT DISTINCT QUERY_TAG FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 100)) WHERE QUERY_TEXT LIKE 'COPY INTO "
      "\"IMEDNET_DB\".\"PUBLIC\".\"" +
      table + "\"%'");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_THAT(rows[0][0].value_or(""), testing::MatchesRegex("nightly:[0-9TZ]+-[0-9a-f]+:copy:[0-9]+"));
}

}  // namespace
}  // namespace imednet::e2e
