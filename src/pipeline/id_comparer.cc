#include "pipeline/id_comparer.h"

#include <utility>

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

void Differences::tell(integrations::VerifiedStudy& result) {
  result.missing = std::move(missing);
  result.extra = std::move(extra);
  result.stale = std::move(stale);
}

IdComparer::IdComparer(std::function<std::optional<std::int64_t>()> next, Differences& differences)
    : next_(std::move(next)), differences_(differences), expected_(next_()) {}

void IdComparer::advance() {
  if (!is_met_) differences_.add(differences_.missing, *expected_);
  expected_ = next_();
  is_met_ = false;
}

void IdComparer::take(std::int64_t id, const std::function<bool()>& is_same) {
  ++compared_;
  while (expected_ && *expected_ < id) advance();
  if (!expected_ || *expected_ != id || is_met_) {
    differences_.add(differences_.extra, id);
    return;
  }
  is_met_ = true;
  if (!is_same()) differences_.add(differences_.stale, id);
}

void IdComparer::finish() {
  while (expected_) advance();
}

}  // namespace imednet::pipeline
