#include "table/part_rows.h"

#include <arrow/array/array_base.h>
#include <arrow/array/builder_binary.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "table/column_builders_internal.h"
#include "table/memory_internal.h"
#include "table/records_schema.h"

namespace imednet::table {
namespace {

constexpr std::string_view kSplitting = "split the columns of a form";

arrow::ArrayVector columns_at(const arrow::RecordBatch& whole, const FormPart& part) {
  arrow::ArrayVector columns;
  for (const std::size_t place : part.places) columns.push_back(whole.column(static_cast<int>(place)));
  return columns;
}

}  // namespace

PartRows::PartRows(const FormLayout& form, const FormPart& part)
    : form_(form), part_(part), schema_(schema_of(part.layout)), own_(part.layout), rest_(form.rest().layout) {}

std::shared_ptr<arrow::Array> PartRows::rest_hashes(const arrow::RecordBatch& whole) {
  const arrow::ArrayVector columns = columns_at(whole, form_.rest());
  rest_.open(columns);
  arrow::StringBuilder hashes(memory_pool());
  for (std::int64_t row = 0; row < whole.num_rows(); ++row) {
    const bool is_empty = std::ranges::all_of(columns, [&](const auto& column) { return column->IsNull(row); });
    check(is_empty ? hashes.AppendNull() : hashes.Append(rest_.hash(row)), kSplitting);
  }
  return value_of(hashes.Finish(), kSplitting);
}

std::shared_ptr<arrow::RecordBatch> PartRows::of(const std::shared_ptr<arrow::RecordBatch>& whole) {
  if (form_.parts().size() == 1) return whole;
  arrow::ArrayVector columns = columns_at(*whole, part_);
  if (part_.number == 1) columns.push_back(rest_hashes(*whole));
  return with_row_hashes(schema_, std::move(columns), whole->num_rows(), own_, kSplitting);
}

}  // namespace imednet::table
