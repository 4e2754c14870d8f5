#include "staging/row_hashes.h"

#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>

#include "staging/file_columns_internal.h"

namespace imednet::staging {

void visit_row_hashes(const std::filesystem::path& path, const std::function<void(std::int64_t, std::string_view)>& visit) {
  std::vector<std::int64_t> ids;  // of one row group: the two columns may be cut into chunks differently
  read_columns(path, {"record_id", "_row_hash"}, "read the row hashes of a staged file", [&](const arrow::Table& rows) {
    ids.clear();
    for (const auto& chunk : rows.column(0)->chunks()) {
      const auto& values = static_cast<const arrow::Int64Array&>(*chunk);
      for (std::int64_t row = 0; row < values.length(); ++row) ids.push_back(values.Value(row));
    }
    std::size_t next = 0;
    for (const auto& chunk : rows.column(1)->chunks()) {
      const auto& hashes = static_cast<const arrow::StringArray&>(*chunk);
      for (std::int64_t row = 0; row < hashes.length(); ++row) visit(ids[next++], hashes.GetView(row));
    }
  });
}

std::vector<RowHash> read_row_hashes(const std::filesystem::path& path) {
  std::vector<RowHash> all;
  visit_row_hashes(path, [&all](std::int64_t record_id, std::string_view hash) { all.push_back({record_id, std::string(hash)}); });
  return all;
}

}  // namespace imednet::staging
