// What only a folder does: it shows all batches of a sink or none.
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e_cpp/sink_case.h"
#include "imednet/integrations/parquet.h"
#include "imednet/integrations/verify.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportBatchError;
using errors::ExportConfigurationError;
using errors::ExportError;
using integrations::ParquetExportSink;

constexpr const char* kBatch = "MY_STUDY/records/0";

class FolderSink : public SinkCase {
 protected:
  void SetUp() override {
    SinkCase::SetUp();
    lake = folder / "lake";
  }
  void TearDown() override {
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      EXPECT_EQ(entry.path(), lake) << "something stayed beside the folder";
    SinkCase::TearDown();
  }
  ParquetExportSink sink() const { return ParquetExportSink({.directory = lake}); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(lake)) all.push_back(entry.path().filename().string());
    return all;
  }
  // As `imednet verify parquet` sees it.
  void expect_whole(std::int64_t rows) const {
    const integrations::VerifyReport report = integrations::verify_parquet_files("MY_STUDY", lake);
    ASSERT_EQ(report.studies.size(), 1u);
    EXPECT_THAT(report.studies[0].faults, testing::IsEmpty());
    EXPECT_EQ(report.studies[0].rows_found, rows);
  }

  std::filesystem::path lake;
};

TEST_F(FolderSink, TheFolderIsOneThatAnExportMade) {
  {
    ParquetExportSink to = sink();
    to.write_batch(records(3, 11), "MY_STUDY/records/1");
    to.write_batch(records(10), kBatch);
    to.close();
  }
  EXPECT_THAT(names(), testing::UnorderedElementsAre("_manifest.json", "MY_STUDY_records_0.parquet", "MY_STUDY_records_1.parquet"));
  expect_whole(13);
  const auto manifest = nlohmann::json::parse(bytes_of(lake / "_manifest.json"));
  EXPECT_EQ(manifest.at("study"), "MY_STUDY");
  EXPECT_EQ(manifest.at("rows"), 13);
  EXPECT_EQ(manifest.at("files").at(0).at("batch_id"), kBatch) << "by record id, whatever came first";
  ParquetExportSink to = sink();
  to.write_batch(records(2), kBatch);
  to.close();
  expect_whole(2);
}

TEST_F(FolderSink, OtherRowsUnderOneIdAreAFileOfTheirOwn) {
  ParquetExportSink to = sink();
  for (const int count : {3, 2, 1, 2}) to.write_batch(records(count), kBatch);
  to.close();
  EXPECT_THAT(names(), testing::UnorderedElementsAre("_manifest.json", "MY_STUDY_records_0.parquet", "MY_STUDY_records_0-2.parquet",
                                                     "MY_STUDY_records_0-3.parquet"));
  expect_whole(6);
}

TEST_F(FolderSink, AFolderNeverLacksABatchThatWasGiven) {
  {
    ParquetExportSink to = sink();
    to.write_batch(records(2), kBatch);
    to.close();
  }
  auto twice = records(2, 3);
  twice[1] = twice[0];
  ParquetExportSink to = sink();
  to.write_batch(records(5), kBatch);
  EXPECT_TRUE(thrown<ExportBatchError>([&] { to.write_batch(twice, "MY_STUDY/records/1"); }));
  const auto error = thrown<ExportError>([&] { to.close(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::counts_differ);
  EXPECT_THAT(error->what(), testing::HasSubstr("MY_STUDY/records/1"));
  EXPECT_NO_THROW(to.close());
  expect_whole(2);
}

TEST_F(FolderSink, WithoutABatchTheFolderIsAsItWas) {
  {
    ParquetExportSink to = sink();
    to.write_batch(records(2), kBatch);
    to.close();
  }
  ParquetExportSink to = sink();
  to.write_batch(std::vector<Record>{}, kBatch);
  to.close();
  expect_whole(2);
}

TEST_F(FolderSink, WhatIsNotOursIsNotReplaced) {
  std::filesystem::create_directory(lake);
  std::ofstream(lake / "notes.txt") << "mine";
  EXPECT_EQ(thrown<ExportConfigurationError>([&] { sink(); })->code(), ErrorCode::config);
  std::filesystem::remove(lake / "notes.txt");
  ParquetExportSink to = sink();
  to.write_batch(records(2), kBatch);
  std::ofstream(lake / "notes.txt") << "mine";
  EXPECT_EQ(thrown<ExportConfigurationError>([&] { to.close(); })->code(), ErrorCode::config);
  EXPECT_THAT(names(), testing::ElementsAre("notes.txt"));
}

TEST_F(FolderSink, AStopLeavesTheFolderAsItWas) {
  std::stop_source source;
  ParquetExportSink to({.directory = lake, .stop = source.get_token()});
  to.write_batch(records(2), kBatch);
  source.request_stop();
  EXPECT_EQ(thrown<ImednetError>([&] { to.write_batch(records(2, 3), "MY_STUDY/records/1"); })->code(), ErrorCode::cancelled);
  EXPECT_EQ(thrown<ImednetError>([&] { to.close(); })->code(), ErrorCode::cancelled);
  EXPECT_FALSE(std::filesystem::exists(lake));
}

}  // namespace
}  // namespace imednet::e2e
