// retry.h: how to go on after a failure, with time, chance and the stop request as values.
//
// Rule:  an error of class `backoff` is followed by a wait and another attempt; `never` and `reconcile` go to the caller
//        as they are. The peer's Retry-After replaces our own wait and is cut at max_wait. No wait is begun that the
//        total budget would not outlast. The last error is thrown with the number of attempts in its message.
// Units: RetryPolicy of imednet/retry.h: max_retries does not count the first attempt.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "core/clock.h"
#include "imednet/errors.h"
#include "imednet/retry.h"

namespace imednet::core {

struct RetryDeps {
  Clock& clock;
  std::function<double()> jitter{};  // in [0, 1): full jitter, for a peer that many may call; empty: exact waits
  std::stop_token stop{};
  bool has_budget = false;           // RetryPolicy::total is kept, for one request; a batch may take as long as it takes
  std::function<void()> on_retry{};  // before every further attempt
};

// One attempt as its function sees it.
struct Attempt {
  int number = 0;                                                          // from 0
  std::chrono::milliseconds remaining = std::chrono::milliseconds::max();  // of the total budget
};

class RetryLoop {
 public:
  RetryLoop(const RetryPolicy& policy, RetryDeps deps);

  // The attempt to make now. Throws ImednetError (cancelled) when a stop was asked for.
  Attempt attempt() const;
  // Call from a catch block with what was caught: returns after the wait, or throws.
  void failed(const ImednetError& error);

 private:
  std::chrono::milliseconds wait_for(const ImednetError& error) const;
  std::chrono::milliseconds remaining() const;
  [[noreturn]] void give_up(const ImednetError& error) const;

  RetryPolicy policy_;
  RetryDeps deps_;
  std::chrono::steady_clock::time_point started_;
  int failures_ = 0;
};

// Calls `function(Attempt)` until it returns.
template <class Function>
auto with_retries(const RetryPolicy& policy, const RetryDeps& deps, Function&& function) {
  RetryLoop loop(policy, deps);
  for (;;) {
    try {
      return function(loop.attempt());
    } catch (const ImednetError& error) {
      loop.failed(error);
    }
  }
}

// The error of a caller that was asked to stop.
[[noreturn]] void throw_cancelled();

}  // namespace imednet::core
