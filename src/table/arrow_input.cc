#include "table/arrow_input.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "imednet/errors.h"
#include "table/arrow_errors_internal.h"
#include "table/records_builder.h"
#include "table/records_layout.h"
#include "table/records_schema.h"
#include "table/row_hash.h"

namespace imednet::table {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::ExportError;

using Columns = std::array<const arrow::Array*, kRecordsColumns>;  // in the layout's order; null: not given

[[noreturn]] void refuse(ErrorCode code, std::string_view cause) {
  throw ExportError(fmt::format("cannot bring the Arrow batch into the records layout: {}", cause),
                    ErrorDetail{.code = code, .hint = "columns and types: docs/formats/records-layout.md", .origin = {.system = "local"}});
}

Columns match_columns(const arrow::RecordBatch& batch) {
  const arrow::Schema& layout = *records_schema();
  Columns columns{};
  for (int i = 0; i < batch.num_columns(); ++i) {
    const std::string& name = batch.schema()->field(i)->name();
    const int place = layout.GetFieldIndex(name);
    if (place < 0) {
      refuse(ErrorCode::schema_mismatch, fmt::format("column \"{}\" is unknown", name));
    }
    const auto& expected = layout.field(place)->type();
    if (!batch.column(i)->type()->Equals(expected)) {
      refuse(ErrorCode::schema_mismatch,
             fmt::format("column \"{}\" is {}, not {}", name, batch.column(i)->type()->ToString(), expected->ToString()));
    }
    const arrow::Array*& column = columns[static_cast<std::size_t>(place)];
    if (column != nullptr) {
      refuse(ErrorCode::schema_mismatch, fmt::format("column \"{}\" is there twice", name));
    }
    column = batch.column(i).get();
  }
  for (std::size_t i = 0; i < kRecordsDataColumns; ++i) {
    const Column& expected = records_columns()[i];
    if (!expected.nullable && (columns[i] == nullptr || columns[i]->null_count() > 0)) {
      refuse(ErrorCode::schema_mismatch,
             fmt::format("column \"{}\" {}", expected.name, columns[i] == nullptr ? "is missing" : "has nulls"));
    }
  }
  return columns;
}

// Fills the cells of one row, column after column.
class CellReader {
 public:
  CellReader(const Columns& columns, std::int64_t row) : columns_(columns), row_(row) {}

  void operator()(TextCell& cell) {
    if (const auto* column = next<arrow::StringArray>()) {
      cell = column->GetView(row_);
    }
  }
  void operator()(IntegerCell& cell) {
    if (const auto* column = next<arrow::Int64Array>()) {
      cell = column->Value(row_);
    }
  }
  void operator()(BooleanCell& cell) {
    if (const auto* column = next<arrow::BooleanArray>()) {
      cell = column->Value(row_);
    }
  }
  void operator()(TimestampCell& cell) {
    if (const auto* column = next<arrow::TimestampArray>()) {
      cell.micros = column->Value(row_);
    }
  }

 private:
  // The next column when it has a value in this row.
  template <typename Array>
  const Array* next() {
    const arrow::Array* column = columns_[place_++];
    return column == nullptr || column->IsNull(row_) ? nullptr : static_cast<const Array*>(column);
  }

  const Columns& columns_;
  const std::int64_t row_;
  std::size_t place_ = 0;
};

void compare_hashes(const arrow::Array& given, const arrow::Array& computed) {
  const auto& theirs = static_cast<const arrow::StringArray&>(given);
  const auto& ours = static_cast<const arrow::StringArray&>(computed);
  for (std::int64_t row = 0; row < ours.length(); ++row) {
    if (theirs.IsNull(row) || theirs.GetView(row) != ours.GetView(row)) {
      refuse(ErrorCode::corrupt, fmt::format("_row_hash of row {} is not the hash of its columns", row));
    }
  }
}

}  // namespace

std::shared_ptr<arrow::RecordBatch> to_records_layout(const arrow::RecordBatch& batch) {
  check(batch.Validate(), "read the Arrow batch");
  const Columns columns = match_columns(batch);
  RecordsBuilder builder("every row names its own study");
  for (std::int64_t i = 0; i < batch.num_rows(); ++i) {
    RecordRow row;
    for_each_cell(row, CellReader(columns, i));
    builder.append_row(row);
  }
  auto result = builder.finish();
  if (const arrow::Array* given = columns[kRecordsDataColumns]) {
    compare_hashes(*given, *result->column(static_cast<int>(kRecordsDataColumns)));
  }
  return result;
}

}  // namespace imednet::table
