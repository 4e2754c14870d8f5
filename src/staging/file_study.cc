#include "staging/file_study.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include <memory>

#include "imednet/errors.h"
#include "staging/file_facts_internal.h"
#include "table/arrow_errors_internal.h"
#include "table/records_schema.h"

namespace imednet::staging {
namespace {

constexpr std::string_view kReading = "read the study keys of a staged file";

// One study key for all rows of the chunk; it is what the rows before had, when there were any.
void follow(const arrow::StringArray& keys, const std::filesystem::path& path, std::string& study, bool& has_rows) {
  for (std::int64_t row = 0; row < keys.length(); ++row) {
    if (!has_rows) study = keys.GetString(row);
    has_rows = true;
    if (keys.GetView(row) == study) continue;
    throw errors::ExportError(
        fmt::format("cannot load the file {}: it holds rows of several studies", path.string()),
        {.code = errors::ErrorCode::unsupported, .hint = "load such rows with the library's write_batch", .origin = {.system = "local"}});
  }
}

}  // namespace

std::string study_of_file(const std::filesystem::path& path) {
  std::string study;
  bool has_rows = false;
  try {
    parquet::arrow::FileReaderBuilder builder;
    table::check(builder.Open(table::value_of(arrow::io::ReadableFile::Open(open_for_reading(path).release()), kReading)), kReading);
    const auto reader = table::value_of(builder.Build(), kReading);
    const int column = table::records_schema()->GetFieldIndex("study_key");
    for (int group = 0; group < reader->num_row_groups(); ++group) {
      const auto rows = table::value_of(reader->ReadRowGroup(group, {column}), kReading);
      for (const auto& chunk : rows->column(0)->chunks()) follow(static_cast<const arrow::StringArray&>(*chunk), path, study, has_rows);
    }
  } catch (const parquet::ParquetException&) {
    throw_corrupt(path, "it is not a whole Parquet file");
  }
  return study;
}

}  // namespace imednet::staging
