#include <arrow/io/file.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include <memory>
#include <string>
#include <vector>

#include "staging/file_columns_internal.h"
#include "staging/file_facts_internal.h"
#include "table/arrow_errors_internal.h"

namespace imednet::staging {

void read_columns(const std::filesystem::path& path, std::initializer_list<std::string_view> names, std::string_view reading,
                  const std::function<void(const arrow::Table&)>& visit) {
  try {
    parquet::arrow::FileReaderBuilder builder;
    table::check(builder.Open(table::value_of(arrow::io::ReadableFile::Open(open_for_reading(path).release()), reading)), reading);
    const auto reader = table::value_of(builder.Build(), reading);
    std::vector<int> columns;
    for (const std::string_view name : names) {
      columns.push_back(reader->parquet_reader()->metadata()->schema()->ColumnIndex(std::string(name)));
      if (columns.back() < 0) throw_corrupt(path, "it is of no layout of staged files");
    }
    for (int group = 0; group < reader->num_row_groups(); ++group) visit(*table::value_of(reader->ReadRowGroup(group, columns), reading));
  } catch (const parquet::ParquetException&) {
    throw_corrupt(path, "it is not a whole Parquet file");
  }
}

}  // namespace imednet::staging
