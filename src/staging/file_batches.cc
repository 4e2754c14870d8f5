#include "staging/file_batches.h"

#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include <utility>

#include "staging/file_facts_internal.h"
#include "table/arrow_errors_internal.h"
#include "table/records_schema.h"

namespace imednet::staging {
namespace {

constexpr std::string_view kReading = "read the rows of a staged file";

}  // namespace

struct FileBatches::State {
  std::filesystem::path path;
  std::unique_ptr<parquet::arrow::FileReader> reader{};
  int group = 0;

  void open(const table::Layout& layout) {
    parquet::arrow::FileReaderBuilder builder;
    table::check(builder.Open(table::value_of(arrow::io::ReadableFile::Open(open_for_reading(path).release()), kReading)), kReading);
    reader = table::value_of(builder.Build(), kReading);
    std::shared_ptr<arrow::Schema> schema;
    table::check(reader->GetSchema(&schema), kReading);
    if (!schema->Equals(*table::schema_of(layout), /*check_metadata=*/false)) throw_corrupt(path, "it has other columns than the layout");
  }
};

FileBatches::FileBatches(std::filesystem::path path, const table::Layout& layout)
    : state_(std::make_unique<State>(State{.path = std::move(path)})) {
  try {
    state_->open(layout);
  } catch (const parquet::ParquetException&) {
    throw_corrupt(state_->path, "it is not a whole Parquet file");
  }
}
FileBatches::~FileBatches() = default;
FileBatches::FileBatches(FileBatches&&) noexcept = default;
FileBatches& FileBatches::operator=(FileBatches&&) noexcept = default;

std::shared_ptr<arrow::RecordBatch> FileBatches::next() {
  try {
    if (state_->group == state_->reader->num_row_groups()) return nullptr;
    const auto rows = table::value_of(state_->reader->ReadRowGroup(state_->group++), kReading);
    return table::value_of(rows->CombineChunksToBatch(), kReading);
  } catch (const parquet::ParquetException&) {
    throw_corrupt(state_->path, "it is not a whole Parquet file");
  }
}

}  // namespace imednet::staging
