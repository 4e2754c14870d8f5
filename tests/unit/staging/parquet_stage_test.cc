#include "staging/parquet_stage.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <limits>

#include "core/digest.h"
#include "staging/record_stager.h"
#include "table/records_builder.h"
#include "table/records_layout.h"
#include "table/records_schema.h"
#include "unit/folder.h"
#include "unit/table/rows.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;
using testing_rows::RandomRecords;

class ParquetStageTest : public FolderTest {
 protected:
  static std::shared_ptr<arrow::RecordBatch> build(const std::vector<Record>& records) {
    table::RecordsBuilder builder("MY_STUDY");
    for (const Record& record : records) {
      builder.append(record);
    }
    return builder.finish();
  }

  StagedFile stage(const std::filesystem::path& directory, const std::vector<Record>& records, std::int64_t group_rows = 8192) {
    BatchStager stager(directory, "MY_STUDY/records/0", "MY_STUDY", {.rows = group_rows});
    for (const Record& record : records) {
      stager.append(record);
    }
    return stager.finish();
  }

  static std::vector<StagedFile> stage_all(const std::filesystem::path& directory, const std::vector<Record>& records,
                                           std::int64_t batch_size, std::int64_t group_rows) {
    RecordStager stager(directory, "MY_STUDY", batch_size, {.rows = group_rows});
    std::vector<StagedFile> files;
    for (const Record& record : records) {
      stager.append(record);
      for (StagedFile& file : stager.take_finished()) {
        files.push_back(std::move(file));
      }
    }
    for (StagedFile& file : stager.finish()) {
      files.push_back(std::move(file));
    }
    EXPECT_EQ(stager.counts().rows, static_cast<std::int64_t>(records.size()));
    return files;
  }

  static std::shared_ptr<arrow::RecordBatch> read_rows(const std::filesystem::path& path) {
    const auto reader = *parquet::arrow::OpenFile(*arrow::io::ReadableFile::Open(path.string()), arrow::default_memory_pool());
    const auto table = *reader->ReadTable();
    EXPECT_TRUE(table->schema()->Equals(*table::records_schema(), false)) << table->schema()->ToString();
    return *table->CombineChunksToBatch();
  }
};

TEST_F(ParquetStageTest, WhatIsReadBackIsWhatWasBuilt) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    const auto records = RandomRecords(seed).many(1 + static_cast<int>(seed) * 40);
    const auto built = build(records);
    const StagedFile file = stage(root, records, 1 + seed * 7);
    EXPECT_TRUE(read_rows(file.path)->Equals(*built));
    ASSERT_EQ(file.non_null.size(), table::kRecordsColumns);
    for (int c = 0; c < built->num_columns(); ++c) {
      EXPECT_EQ(file.non_null[static_cast<std::size_t>(c)].first, built->schema()->field(c)->name());
      EXPECT_EQ(file.non_null[static_cast<std::size_t>(c)].second, built->num_rows() - built->column(c)->null_count());
    }
    EXPECT_EQ(file.rows, built->num_rows());
    EXPECT_EQ(file.first_record_id, 500'001);
    EXPECT_EQ(file.last_record_id, 500'000 + file.rows);
    EXPECT_EQ(static_cast<std::uintmax_t>(file.bytes), std::filesystem::file_size(file.path));
    EXPECT_EQ(file.sha256, core::hex(core::sha256_file(file.path)));
    EXPECT_EQ(file.file_name, "MY_STUDY_records_0.parquet");
    EXPECT_EQ(file.batch_id, "MY_STUDY/records/0");
  }
}

TEST_F(ParquetStageTest, TheSameRowsGiveTheSameBytes) {
  const auto records = RandomRecords(20).many(500);
  const StagedFile a = stage(root / "a", records, 100), b = stage(root / "b", records, 100);
  EXPECT_EQ(a.sha256, b.sha256);
  EXPECT_EQ(bytes_of(a.path), bytes_of(b.path));
  const StagedFile again = stage(root / "a", records, 100);
  EXPECT_EQ(again.sha256, a.sha256);
  EXPECT_EQ(names_in(root / "a"), std::set<std::string>{"MY_STUDY_records_0.parquet"});
}

TEST_F(ParquetStageTest, ContentHashDependsOnRowsNotOnRowGroups) {
  auto records = RandomRecords(21).many(300);
  std::set<std::string> hashes;
  for (const std::int64_t group : {1, 7, 100, 300, 8192}) {
    hashes.insert(stage(root, records, group).content_hash);
  }
  EXPECT_EQ(hashes.size(), 1u);
  EXPECT_EQ(hashes.begin()->size(), 32u);
  std::swap(records[10], records[11]);
  hashes.insert(stage(root, records).content_hash);
  records[5].form_key = "changed";
  hashes.insert(stage(root, records).content_hash);
  records.pop_back();
  hashes.insert(stage(root, records).content_hash);
  EXPECT_EQ(hashes.size(), 4u);
}

TEST_F(ParquetStageTest, ContentHashIsThatOfTheFormat) {
  const auto built = build(RandomRecords(22).many(3));
  BatchFileWriter writer(root, "MY_STUDY/records/0", {.study_key = "MY_STUDY"});
  writer.write(*built);
  core::Sha256 digest;
  digest.update("imednet records layout v1\n");
  for (std::int64_t row = 0; row < 3; ++row) {
    digest.update((*built->GetColumnByName("_row_hash")->GetScalar(row))->ToString());
  }
  EXPECT_EQ(writer.finish().content_hash, core::hex(digest.finish(), 16));
}

TEST_F(ParquetStageTest, BatchSizeChangesFilesNotRows) {
  const auto records = RandomRecords(23).many(250);
  const auto built = build(records);
  for (const std::int64_t batch_size : {40, 99, 125, 250, 1000}) {
    const auto directory = root / std::to_string(batch_size);
    const auto files = stage_all(directory, records, batch_size, 30);
    EXPECT_EQ(static_cast<std::int64_t>(files.size()), (250 + batch_size - 1) / batch_size);
    std::int64_t row = 0;
    for (std::size_t n = 0; n < files.size(); ++n) {
      EXPECT_EQ(files[n].batch_id, "MY_STUDY/records/" + std::to_string(n));
      EXPECT_TRUE(read_rows(files[n].path)->Equals(*built->Slice(row, files[n].rows)));
      row += files[n].rows;
    }
    EXPECT_EQ(row, 250);
    EXPECT_EQ(names_in(directory).size(), files.size());
  }
  EXPECT_TRUE(stage_all(root / "none", {}, 10, 10).empty());
  EXPECT_FALSE(std::filesystem::exists(root / "none"));
}

TEST_F(ParquetStageTest, RowGroupsEndByRowsOrBytes) {
  Record big;
  big.record_data = "\"" + std::string(1000, 'x') + "\"";
  BatchStager stager(root, "S/records/0", "S", {.rows = 50, .bytes = 10'000});
  for (int i = 0; i < 100; ++i) {
    big.record_id = i;
    stager.append(big);
  }
  const StagedFile file = stager.finish();
  const auto footer = parquet::ParquetFileReader::OpenFile(file.path.string())->metadata();
  EXPECT_EQ(footer->num_row_groups(), 12);  // nine records of 1,155 bytes reach 10,000
  EXPECT_EQ(footer->num_rows(), 100);
}

TEST_F(ParquetStageTest, TheFileSaysWhatItIsAndNothingOfTheRun) {
  const StagedFile file = stage(root, RandomRecords(24).many(10));
  const auto footer = parquet::ParquetFileReader::OpenFile(file.path.string())->metadata();
  const auto& pairs = *footer->key_value_metadata();
  EXPECT_EQ(pairs.keys(), (std::vector<std::string>{"imednet.staged_file", "imednet.study_key", "imednet.batch_id", "imednet.layout",
                                                    "imednet.layout_version", "imednet.content_hash", "imednet.writer"}));
  EXPECT_EQ(*pairs.Get("imednet.study_key"), "MY_STUDY");
  EXPECT_EQ(*pairs.Get("imednet.batch_id"), "MY_STUDY/records/0");
  EXPECT_EQ(*pairs.Get("imednet.layout_version"), "1");
  EXPECT_EQ(*pairs.Get("imednet.content_hash"), file.content_hash);
  const auto stamp = footer->schema()->Column(10)->logical_type();
  EXPECT_EQ(stamp->ToString(),
            "Timestamp(isAdjustedToUTC=true, timeUnit=microseconds, is_from_converted_type=false, force_set_converted_type=false)");
  EXPECT_EQ(footer->RowGroup(0)->ColumnChunk(18)->compression(), parquet::Compression::ZSTD);
}

TEST_F(ParquetStageTest, ReadBackFactsAreTheSame) {
  const StagedFile a = stage(root, RandomRecords(25).many(100), 9);
  const StagedFile b = read_staged_file(a.path);
  EXPECT_EQ(a.sha256, b.sha256);
  EXPECT_EQ(a.content_hash, b.content_hash);
  EXPECT_EQ(a.non_null, b.non_null);
  EXPECT_EQ(a.batch_id, b.batch_id);
  EXPECT_EQ(a.last_record_id, b.last_record_id);
}

// Whatever happens to a byte, the reader either still sees the same rows or says no; it never crashes.
TEST_F(ParquetStageTest, DamageIsNoticedOrHarmless) {
  const StagedFile file = stage(root, RandomRecords(26).many(40), 20);
  const std::string good = bytes_of(file.path);
  int noticed = 0;
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    if (i % 3 == 0) {
      bad.resize(random() % good.size());
    } else {
      bad[random() % bad.size()] ^= static_cast<char>(1u << (random() % 8));
    }
    put(root / "bad.parquet", bad);
    try {
      EXPECT_EQ(read_staged_file(root / "bad.parquet").content_hash, file.content_hash);
    } catch (const errors::ExportError& error) {
      EXPECT_TRUE(error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported) << error.what();
      ++noticed;
    }
  }
  EXPECT_GE(noticed, 100);
}

TEST_F(ParquetStageTest, OtherColumnsAreRefused) {
  BatchFileWriter writer(root, "S/records/0", {.study_key = "S"});
  const auto batch = build(RandomRecords(27).many(5));
  EXPECT_EQ(code_of<errors::ExportError>([&] { writer.write(**batch->RemoveColumn(20)); }), ErrorCode::schema_mismatch);
  writer.write(*batch);
  EXPECT_EQ(writer.finish().rows, 5);
  EXPECT_EQ(code_of<errors::ExportError>([&] { writer.finish(); }), ErrorCode::internal);
  EXPECT_EQ(code_of<errors::ExportError>([&] { writer.write(*batch); }), ErrorCode::internal);
}

TEST_F(ParquetStageTest, AnEmptyBatchIsAFileWithoutRows) {
  const StagedFile file = stage(root, {});
  EXPECT_EQ(file.rows, 0);
  EXPECT_EQ(read_rows(file.path)->num_rows(), 0);
  EXPECT_EQ(file.non_null.size(), table::kRecordsColumns);
}

TEST_F(ParquetStageTest, UnfinishedFilesAreRemoved) {
  {
    BatchStager stager(root, "S/records/0", "S");
    for (const Record& record : RandomRecords(28).many(10)) {
      stager.append(record);
    }
    EXPECT_EQ(names_in(root), std::set<std::string>{"S_records_0.parquet.part"});
  }
  EXPECT_TRUE(names_in(root).empty());
}

}  // namespace
}  // namespace imednet::staging
