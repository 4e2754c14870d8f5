#include "staging/file_rows.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include <optional>

#include "staging/file_facts_internal.h"
#include "table/arrow_errors_internal.h"
#include "table/record_rows.h"
#include "table/records_schema.h"

namespace imednet::staging {
namespace {

constexpr std::string_view kReading = "read the rows of a staged file";

}  // namespace

struct FileRows::State {
  std::filesystem::path path;
  std::unique_ptr<parquet::arrow::FileReader> reader;
  int group = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  std::optional<table::RecordRows> rows;
  std::int64_t number = 0;
  table::RecordRow row;

  void open() {
    parquet::arrow::FileReaderBuilder builder;
    table::check(builder.Open(table::value_of(arrow::io::ReadableFile::Open(open_for_reading(path).release()), kReading)), kReading);
    reader = table::value_of(builder.Build(), kReading);
    std::shared_ptr<arrow::Schema> schema;
    table::check(reader->GetSchema(&schema), kReading);
    if (!schema->Equals(*table::records_schema(), /*check_metadata=*/false)) throw_corrupt(path, "it has other columns than the layout");
  }

  // False when there is no further group.
  bool load() {
    if (group == reader->num_row_groups()) return false;
    const auto rows_of_group = table::value_of(reader->ReadRowGroup(group++), kReading);
    batch = table::value_of(rows_of_group->CombineChunksToBatch(), kReading);
    rows.emplace(*batch);
    number = 0;
    return true;
  }

  bool next() {
    while (!rows || number == rows->size()) {
      if (!load()) return false;
    }
    row = rows->row(number++);
    return true;
  }
};

FileRows::FileRows(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  state_->path = path;
  try {
    state_->open();
  } catch (const parquet::ParquetException&) {
    throw_corrupt(path, "it is not a whole Parquet file");
  }
}
FileRows::~FileRows() = default;
FileRows::FileRows(FileRows&&) noexcept = default;
FileRows& FileRows::operator=(FileRows&&) noexcept = default;

bool FileRows::next() {
  try {
    return state_->next();
  } catch (const parquet::ParquetException&) {
    throw_corrupt(state_->path, "it is not a whole Parquet file");
  }
}
const table::RecordRow& FileRows::row() const { return state_->row; }
std::string_view FileRows::hash() const { return state_->rows->hash(state_->number - 1); }

}  // namespace imednet::staging
