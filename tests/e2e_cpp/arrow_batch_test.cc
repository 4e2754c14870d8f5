// Arrow rows and records are two ways to the same file.
#include <arrow/api.h>

#include "e2e_cpp/sink_case.h"

namespace imednet::e2e {
namespace {

using errors::ErrorCode;
using errors::ExportBatchError;
using integrations::SnowflakeExportSink;

constexpr const char* kBatch = "MY_STUDY/records/0";

class ArrowBatch : public SinkCase {
 protected:
  template <class Builder, class Value>
  static std::shared_ptr<arrow::Array> column(const std::vector<Record>& records, std::shared_ptr<arrow::DataType> type, Value value) {
    Builder builder(type, arrow::default_memory_pool());
    for (const Record& record : records) {
      const auto cell = value(record);
      EXPECT_TRUE((cell ? builder.Append(*cell) : builder.AppendNull()).ok());
    }
    return *builder.Finish();
  }

  // The same rows as `records` has, as a user would build them: other order of columns, those that are all null left out.
  static std::shared_ptr<arrow::RecordBatch> batch_of(const std::vector<Record>& rows) {
    const auto text = arrow::utf8();
    const auto stamp = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    static constexpr std::int64_t kCreated = 1'768'478'400'000'000;  // 2026-01-15 12:00:00 UTC
    const std::vector<std::pair<const char*, std::shared_ptr<arrow::Array>>> columns = {
        {"record_id", column<arrow::Int64Builder>(rows, arrow::int64(), [](const Record& r) { return std::optional(r.record_id); })},
        {"study_key", column<arrow::StringBuilder>(rows, text, [](const Record& r) { return r.study_key; })},
        {"record_data", column<arrow::StringBuilder>(rows, text, [](const Record& r) { return r.record_data; })},
        {"form_key", column<arrow::StringBuilder>(rows, text, [](const Record& r) { return r.form_key; })},
        {"site_id", column<arrow::Int64Builder>(rows, arrow::int64(), [](const Record& r) { return r.site_id; })},
        {"deleted", column<arrow::BooleanBuilder>(rows, arrow::boolean(), [](const Record& r) { return r.deleted; })},
        {"date_created", column<arrow::TimestampBuilder>(rows, stamp, [](const Record&) { return std::optional(kCreated); })},
        {"subject_key", column<arrow::StringBuilder>(rows, text, [](const Record& r) { return r.subject_key; })},
        {"keywords", column<arrow::StringBuilder>(rows, text, [](const Record& r) { return r.keywords; })}};
    arrow::FieldVector fields;
    arrow::ArrayVector arrays;
    for (const auto& [name, array] : columns) {
      fields.push_back(arrow::field(name, array->type()));
      arrays.push_back(array);
    }
    return arrow::RecordBatch::Make(arrow::schema(fields), static_cast<std::int64_t>(rows.size()), arrays);
  }

  static std::shared_ptr<arrow::RecordBatchReader> stream_of(const arrow::RecordBatchVector& batches) {
    return *arrow::RecordBatchReader::Make(batches, batches.at(0)->schema());
  }

  // Loads by `write` into a table of its own and returns the staged file's bytes.
  template <class Write>
  std::string staged_by(const char* name, Write&& write) {
    auto settings = config();
    settings.table = table + "_" + name;
    settings.stage_prefix = prefix + "/" + name;
    settings.local_staging_dir = folder / name;
    SnowflakeExportSink sink(settings);
    EXPECT_EQ(write(sink), 40) << name;
    EXPECT_EQ(sandbox().value("SELECT COUNT(RECORD_DATA) FROM " + settings.table), "40");
    return bytes_of(folder / name / "MY_STUDY_records_0.parquet");
  }

  // "<hash>" of the only file below a name's prefix.
  std::string hash_of(const std::string& name) const {
    for (const auto& [path, size] : on_stage()) {
      const std::string start = prefix + "/" + name + "/";
      if (path.starts_with(start)) return path.substr(start.size(), 32);
    }
    return "none";
  }
};

TEST_F(ArrowBatch, RecordsABatchAndAStreamGiveTheSameFile) {
  const auto rows = records(40);
  const auto batch = batch_of(rows);
  const std::string by_records = staged_by("R", [&](SnowflakeExportSink& sink) { return sink.write_batch(rows, kBatch); });
  const std::string by_batch = staged_by("B", [&](SnowflakeExportSink& sink) { return sink.write_batch(batch, kBatch); });
  const std::string by_stream = staged_by("S", [&](SnowflakeExportSink& sink) { return sink.write_batch(stream_of({batch}), kBatch); });
  ASSERT_GT(by_records.size(), 1000u);
  EXPECT_EQ(by_records, by_batch);
  EXPECT_EQ(by_records, by_stream);
  EXPECT_EQ(hash_of("R"), hash_of("B"));
  EXPECT_EQ(hash_of("R"), hash_of("S"));
}

TEST_F(ArrowBatch, HowAStreamIsCutDoesNotMatterToItsHash) {
  const auto rows = records(40);
  const auto batch = batch_of(rows);
  staged_by("ONE", [&](SnowflakeExportSink& sink) { return sink.write_batch(stream_of({batch}), kBatch); });
  staged_by("THREE", [&](SnowflakeExportSink& sink) {
    return sink.write_batch(stream_of({batch->Slice(0, 7), batch->Slice(7, 0), batch->Slice(7, 33)}), kBatch);
  });
  EXPECT_EQ(hash_of("ONE"), hash_of("THREE"));
  EXPECT_EQ(hash_of("ONE").size(), 32u);
}

TEST_F(ArrowBatch, WhatCameAsRecordsIsInWhenItComesAsArrow) {
  const auto rows = records(40);
  SnowflakeExportSink sink(config());
  EXPECT_EQ(sink.write_batch(rows, kBatch), 40);
  EXPECT_EQ(sink.write_batch(batch_of(rows), kBatch), 0);
  EXPECT_EQ(rows_in_table(), 40);
}

TEST_F(ArrowBatch, NoRowsAreNothing) {
  SnowflakeExportSink sink(config());
  EXPECT_EQ(sink.write_batch(batch_of({}), kBatch), 0);
  EXPECT_EQ(sink.write_batch(stream_of({batch_of({}), batch_of({})}), kBatch), 0);
  EXPECT_EQ(rows_in_table(), -1);
}

TEST_F(ArrowBatch, RowsOutOfOrderAreRefusedAcrossBatches) {
  SnowflakeExportSink sink(config());
  const auto stream = stream_of({batch_of(records(5, 10)), batch_of(records(5, 1))});
  EXPECT_EQ(thrown<ExportBatchError>([&] { sink.write_batch(stream, kBatch); })->code(), ErrorCode::invalid_argument);
  EXPECT_EQ(rows_in_table(), -1);
}

TEST_F(ArrowBatch, AnUnknownColumnOrTypeIsRefusedByName) {
  SnowflakeExportSink sink(config());
  const auto good = batch_of(records(2));
  const auto extra = *good->AddColumn(0, "it_age", good->column(0));
  const auto error = thrown<ExportBatchError>([&] { sink.write_batch(extra, kBatch); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::schema_mismatch);
  EXPECT_THAT(error->what(), testing::HasSubstr("it_age"));
  const auto headless = *good->RemoveColumn(0);
  EXPECT_THAT(thrown<ExportBatchError>([&] { sink.write_batch(headless, kBatch); })->what(), testing::HasSubstr("record_id"));
  EXPECT_EQ(rows_in_table(), -1);
}

}  // namespace
}  // namespace imednet::e2e
