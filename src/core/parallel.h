// parallel.h: the same work for several things at once, on threads that end before the call does.
//
// Errors: the first one ends the others: they see it by their stop token, or in a wait of their own (on_stop). It is thrown from here
//         when all threads have ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>

namespace imednet::core {

struct ParallelRun {
  std::size_t count = 0;                                          // of things
  std::size_t width = 1;                                          // threads at most
  std::function<void(std::size_t, const std::stop_token&)> work;  // for thing 0, 1, …; the lower ones begin first
  std::function<void()> on_stop{};                                // wakes whoever waits in `work`; may be called more than once
  std::function<void()> tick{};                                   // on the calling thread, about every `each`; may throw, too
  std::chrono::milliseconds each{100};
};

void run_parallel(const ParallelRun& run);

}  // namespace imednet::core
