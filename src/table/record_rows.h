// record_rows.h: rows of the `records` layout as typed views, whoever made the batch: a staged file, or a destination's answer.
//
// Owner:  views into the batch, which outlives this.
// Errors: ImednetError protocol for a batch whose columns are not the layout's, or have types that can't hold their values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "table/records_layout.h"
#include "table/row_hash.h"

namespace arrow {
class Array;
class RecordBatch;
}  // namespace arrow

namespace imednet::table {

class RecordRows {
 public:
  // The layout's columns in their order, `_row_hash` last. Names don't count; a stamp may also be a whole number of microseconds.
  explicit RecordRows(const arrow::RecordBatch& batch);

  std::int64_t size() const noexcept { return size_; }
  RecordRow row(std::int64_t number) const;
  // Empty when it is null.
  std::string_view hash(std::int64_t number) const;

 private:
  std::array<const arrow::Array*, kRecordsColumns> columns_{};
  std::int64_t size_ = 0;
};

}  // namespace imednet::table
