// column_builders_internal.h: one Arrow builder a column of a layout, and rows with their hashes out of finished columns. Included by .cc
// files only.
//
// Errors: as arrow_errors_internal.h; internal for columns of different lengths: memory ran out in the middle of a row.
#pragma once

#include <arrow/array/builder_base.h>
#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "table/arrow_errors_internal.h"
#include "table/named_hash.h"

namespace imednet::table {

using ColumnBuilders = std::vector<std::unique_ptr<arrow::ArrayBuilder>>;

ColumnBuilders builders_of(const arrow::Schema& schema, std::string_view action);

// `Builder`: the one that the column's type has.
template <typename Builder, typename T>
void append_cell(arrow::ArrayBuilder& builder, const std::optional<T>& cell, std::string_view action) {
  auto& typed = static_cast<Builder&>(builder);
  check(cell ? typed.Append(*cell) : typed.AppendNull(), action);
}

// `columns`: those of the schema but `_row_hash`, its last one, which is made by `hasher`.
std::shared_ptr<arrow::RecordBatch> with_row_hashes(const std::shared_ptr<arrow::Schema>& schema, arrow::ArrayVector columns,
                                                    std::int64_t rows, NamedHasher& hasher, std::string_view action);
// Of builders of that schema, which are empty afterwards.
std::shared_ptr<arrow::RecordBatch> finish_rows(const std::shared_ptr<arrow::Schema>& schema, const ColumnBuilders& builders,
                                                std::int64_t rows, NamedHasher& hasher, std::string_view action);

}  // namespace imednet::table
