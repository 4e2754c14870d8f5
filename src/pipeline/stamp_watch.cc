#include "pipeline/stamp_watch.h"

#include <algorithm>
#include <utility>

#include "core/stamp.h"
#include "pipeline/since.h"

namespace imednet::pipeline {
namespace {

constexpr std::size_t kRecentAtMost = 20'000;

}  // namespace

StampWatch::StampWatch(const std::string& since) : since_(core::parse_stamp(since)) {}

void StampWatch::begin(std::string_view first_answer) {
  const auto from = overlap_start(first_answer);
  recent_from_ = from ? core::parse_stamp(*from) : std::nullopt;
  if (recent_from_) recent_.emplace();
}

bool StampWatch::see(const api::RecordView& record) {
  const auto changed = core::parse_stamp(record.date_modified.value_or(""));
  if (!changed) return true;
  if (recent_ && *changed >= *recent_from_) recent_->push_back(record.record_id);
  if (recent_ && recent_->size() > kRecentAtMost) recent_.reset();
  return !since_ || *changed >= *since_;
}

RecentIds StampWatch::take_recent() {
  if (recent_) std::sort(recent_->begin(), recent_->end());
  return std::exchange(recent_, std::nullopt);
}

RecentIds joined(RecentIds first, const RecentIds& second) {
  if (!first || !second || first->size() + second->size() > kRecentAtMost) return std::nullopt;
  first->insert(first->end(), second->begin(), second->end());
  return first;
}

}  // namespace imednet::pipeline
