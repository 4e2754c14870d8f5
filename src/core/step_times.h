// step_times.h: where the time of a run goes: one step at a time, each with the sum of its turns.
//
// Promise: the steps' times sum to the time since the first one began. Order: in which they began first.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace imednet::core {

class StepTimes {
 public:
  explicit StepTimes(const Clock& clock) : clock_(clock) {}

  // Ends the step at hand. The same step again goes on.
  void enter(std::string_view step);
  // The step at hand counts up to now.
  std::vector<std::pair<std::string, std::chrono::duration<double>>> times() const;

 private:
  const Clock& clock_;
  std::vector<std::pair<std::string, std::chrono::duration<double>>> times_;
  std::size_t now_ = 0;  // index of the step at hand, when there is one
  std::chrono::steady_clock::time_point since_{};
};

}  // namespace imednet::core
