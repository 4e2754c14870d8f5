// row_comparer.h: the rows of a table beside those that should be there, one by one; what differs is named by record id.
#pragma once

#include <cstdint>
#include <optional>

#include "imednet/integrations/verify.h"
#include "pipeline/expected_rows.h"
#include "table/row_hash.h"

namespace imednet::pipeline {

// What differs. The first `kept` ids of each kind.
struct Differences {
  std::size_t kept = 0;
  integrations::RecordIds missing{}, extra{}, stale{};

  void add(integrations::RecordIds& kind, std::int64_t id) const;
  void add_all(const Differences& others);
};

// Whether a row of the table is what was loaded: the same hash, and the same cells, JSON by value.
bool is_same_row(const table::RecordRow& expected, const table::RecordRow& found);

class RowComparer {
 public:
  // Both outlive this.
  RowComparer(ExpectedRows& expected, Differences& differences);

  // Rows by rising record id.
  void take(const table::RecordRow& found, std::string_view hash);
  // After the last one.
  void finish();
  std::int64_t compared() const noexcept { return compared_; }

 private:
  void advance();

  ExpectedRows& expected_;
  Differences& differences_;
  bool has_expected_ = false, is_met_ = false;  // there is a row at hand; the table has it
  std::int64_t compared_ = 0;
};

}  // namespace imednet::pipeline
