#include "table/record_rows.h"

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "imednet/errors.h"
#include "table/cell_values_internal.h"

namespace imednet::table {
namespace {

// Fills the cells of one row, column after column.
class RecordsCells {
 public:
  RecordsCells(const std::array<const arrow::Array*, kRecordsColumns>& columns, std::int64_t row) : columns_(columns), row_(row) {}

  void operator()(TextCell& cell) {
    if (const arrow::Array* column = next()) cell = text_of(*column, row_);
  }
  void operator()(IntegerCell& cell) {
    if (const arrow::Array* column = next()) cell = static_cast<const arrow::Int64Array&>(*column).Value(row_);
  }
  void operator()(BooleanCell& cell) {
    if (const arrow::Array* column = next()) cell = static_cast<const arrow::BooleanArray&>(*column).Value(row_);
  }
  void operator()(TimestampCell& cell) {
    if (const arrow::Array* column = next()) cell.micros = micros_of(*column, row_);
  }

 private:
  // The next column when it has a value in this row.
  const arrow::Array* next() {
    const arrow::Array* column = columns_[place_++];
    return column->IsNull(row_) ? nullptr : column;
  }

  const std::array<const arrow::Array*, kRecordsColumns>& columns_;
  const std::int64_t row_;
  std::size_t place_ = 0;
};

}  // namespace

RecordRows::RecordRows(const arrow::RecordBatch& batch) : size_(batch.num_rows()) {
  if (size_ == 0) return;  // an empty answer may have any types
  if (batch.num_columns() != static_cast<int>(kRecordsColumns)) {
    throw ImednetError(fmt::format("cannot read rows: they have {} columns, not {}", batch.num_columns(), kRecordsColumns),
                       {.code = errors::ErrorCode::protocol});
  }
  for (std::size_t i = 0; i < kRecordsColumns; ++i) {
    const Column& column = records_columns()[i];
    columns_[i] = batch.column_data(static_cast<int>(i)) == nullptr ? nullptr : batch.column(static_cast<int>(i)).get();
    if (columns_[i] == nullptr || !can_hold(column.kind, *columns_[i]->type())) {
      throw ImednetError(fmt::format("cannot read rows: {} has the type {}", column.name,
                                     columns_[i] == nullptr ? "none" : columns_[i]->type()->ToString()),
                         {.code = errors::ErrorCode::protocol});
    }
  }
}

RecordRow RecordRows::row(std::int64_t number) const {
  RecordRow row;
  for_each_cell(row, RecordsCells(columns_, number));
  return row;
}

std::string_view RecordRows::hash(std::int64_t number) const {
  const arrow::Array& column = *columns_[kRecordsDataColumns];
  return column.IsNull(number) ? std::string_view() : text_of(column, number);
}

}  // namespace imednet::table
