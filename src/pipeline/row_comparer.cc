#include "pipeline/row_comparer.h"

#include <string>

#include "pipeline/json_value.h"

namespace imednet::pipeline {

void Differences::add(integrations::RecordIds& kind, std::int64_t id) const {
  ++kind.count;
  if (kind.ids.size() < kept) kind.ids.push_back(id);
}

void Differences::add_all(const Differences& others) {
  const auto join = [this](integrations::RecordIds& mine, const integrations::RecordIds& theirs) {
    mine.count += theirs.count;
    for (const std::int64_t id : theirs.ids) {
      if (mine.ids.size() < kept) mine.ids.push_back(id);
    }
  };
  join(missing, others.missing);
  join(extra, others.extra);
  join(stale, others.stale);
}

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

RowComparer::RowComparer(ExpectedRows& expected, Differences& differences) : expected_(expected), differences_(differences) {
  has_expected_ = expected_.next();
}

void RowComparer::advance() {
  if (!is_met_) differences_.add(differences_.missing, expected_.id());
  has_expected_ = expected_.next();
  is_met_ = false;
}

void RowComparer::take(const table::RecordRow& found, std::string_view hash) {
  const std::int64_t id = found.record_id.value_or(0);
  ++compared_;
  while (has_expected_ && expected_.id() < id) advance();
  if (!has_expected_ || expected_.id() != id || is_met_) {
    differences_.add(differences_.extra, id);
    return;
  }
  is_met_ = true;
  if (hash != expected_.hash() || !is_same_row(expected_.row(), found)) differences_.add(differences_.stale, id);
}

void RowComparer::finish() {
  while (has_expected_) advance();
}

}  // namespace imednet::pipeline
