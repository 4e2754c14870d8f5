#include "staging/row_hashes.h"

#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>

#include "staging/file_columns_internal.h"

namespace imednet::staging {

std::vector<RowHash> read_row_hashes(const std::filesystem::path& path) {
  std::vector<RowHash> all;
  read_columns(path, {"record_id", "_row_hash"}, "read the row hashes of a staged file", [&all](const arrow::Table& rows) {
    std::size_t next = all.size();
    for (const auto& chunk : rows.column(0)->chunks()) {
      const auto& ids = static_cast<const arrow::Int64Array&>(*chunk);
      for (std::int64_t row = 0; row < ids.length(); ++row) all.push_back({ids.Value(row), {}});
    }
    for (const auto& chunk : rows.column(1)->chunks()) {
      const auto& hashes = static_cast<const arrow::StringArray&>(*chunk);
      for (std::int64_t row = 0; row < hashes.length(); ++row) all[next++].hash = hashes.GetString(row);
    }
  });
  return all;
}

}  // namespace imednet::staging
