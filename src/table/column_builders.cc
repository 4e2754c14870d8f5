#include <arrow/array/array_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "imednet/errors.h"
#include "table/column_builders_internal.h"
#include "table/memory_internal.h"

namespace imednet::table {

ColumnBuilders builders_of(const arrow::Schema& schema, std::string_view action) {
  ColumnBuilders builders;
  for (const auto& field : schema.fields()) builders.push_back(value_of(arrow::MakeBuilder(field->type(), memory_pool()), action));
  return builders;
}

std::shared_ptr<arrow::RecordBatch> with_row_hashes(const std::shared_ptr<arrow::Schema>& schema, arrow::ArrayVector columns,
                                                    std::int64_t rows, NamedHasher& hasher, std::string_view action) {
  if (std::ranges::any_of(columns, [&](const auto& column) { return column->length() != rows; }))
    throw errors::ExportError(fmt::format("cannot {}: a row is incomplete", action), {.code = errors::ErrorCode::internal});
  hasher.open(columns);
  arrow::StringBuilder hashes(memory_pool());
  for (std::int64_t row = 0; row < rows; ++row) check(hashes.Append(hasher.hash(row)), action);
  columns.push_back(value_of(hashes.Finish(), action));
  return arrow::RecordBatch::Make(schema, rows, std::move(columns));
}

std::shared_ptr<arrow::RecordBatch> finish_rows(const std::shared_ptr<arrow::Schema>& schema, const ColumnBuilders& builders,
                                                std::int64_t rows, NamedHasher& hasher, std::string_view action) {
  arrow::ArrayVector columns;
  for (std::size_t i = 0; i + 1 < builders.size(); ++i) columns.push_back(value_of(builders[i]->Finish(), action));
  return with_row_hashes(schema, std::move(columns), rows, hasher, action);
}

}  // namespace imednet::table
