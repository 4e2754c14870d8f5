#include "pipeline/row_comparer.h"

#include <string>

#include "pipeline/json_value.h"

namespace imednet::pipeline {

bool is_same_row(const table::RecordRow& expected, const table::RecordRow& found) {
  if (expected.record_data.has_value() != found.record_data.has_value()) return false;
  if (expected.record_data && !is_same_json(*expected.record_data, *found.record_data)) return false;
  table::RecordRow one = expected, other = found;
  one.record_data.reset();
  other.record_data.reset();
  std::string first, second;
  table::append_canonical_bytes(one, first);
  table::append_canonical_bytes(other, second);
  return first == second;
}

RowComparer::RowComparer(ExpectedRows& expected, Differences& differences)
    : expected_(expected), ids_([&expected] { return expected.next() ? std::optional(expected.id()) : std::nullopt; }, differences) {}

void RowComparer::take(const table::RecordRow& found, std::string_view hash) {
  ids_.take(found.record_id.value_or(0), [&] { return hash == expected_.hash() && is_same_row(expected_.row(), found); });
}

}  // namespace imednet::pipeline
