#include "core/step_times.h"

#include <algorithm>

namespace imednet::core {

void StepTimes::enter(std::string_view step) {
  const auto when = clock_.now();
  if (!times_.empty()) times_[now_].second += when - since_;
  since_ = when;
  const auto known = std::find_if(times_.begin(), times_.end(), [step](const auto& one) { return one.first == step; });
  now_ = static_cast<std::size_t>(known - times_.begin());
  if (known == times_.end()) times_.emplace_back(step, 0);
}

std::vector<std::pair<std::string, std::chrono::duration<double>>> StepTimes::times() const {
  auto times = times_;
  if (!times.empty()) times[now_].second += clock_.now() - since_;
  return times;
}

}  // namespace imednet::core
