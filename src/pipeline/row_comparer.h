// row_comparer.h: the rows of a table beside those that should be there, one by one; what differs is named by record id.
#pragma once

#include <cstdint>

#include "pipeline/expected_rows.h"
#include "pipeline/id_comparer.h"
#include "table/row_hash.h"

namespace imednet::pipeline {

// Whether a row of the table is what was loaded: the same hash, and the same cells, JSON by value.
bool is_same_row(const table::RecordRow& expected, const table::RecordRow& found);

class RowComparer {
 public:
  // Both outlive this.
  RowComparer(ExpectedRows& expected, Differences& differences);

  // Rows by rising record id.
  void take(const table::RecordRow& found, std::string_view hash);
  // After the last one.
  void finish() { ids_.finish(); }
  std::int64_t compared() const noexcept { return ids_.compared(); }

 private:
  ExpectedRows& expected_;
  IdComparer ids_;
};

}  // namespace imednet::pipeline
