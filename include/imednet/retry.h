// retry.h: how often and how long to try again, as a value.
//
// Units: std::chrono. Attempt n (from 0) that fails is followed by a wait of backoff * 2^n, at most max_wait.
// Source: the Snowflake export guide ("Error handling and retries").
#pragma once

#include <algorithm>
#include <chrono>

namespace imednet {

// How often to try again, and how long to wait before.
struct RetryPolicy {
  int max_retries = 3;                         // not counting the first attempt; 0 is one attempt
  std::chrono::milliseconds backoff{1000};     // the first wait; each later one is twice the former
  std::chrono::milliseconds max_wait{60'000};  // cap of one wait, whatever the peer asks for
  std::chrono::milliseconds total{60'000};     // budget of one request with all its retries (API only)

  // The wait after failed attempt `attempt` (from 0), before any jitter.
  std::chrono::milliseconds wait_after(int attempt) const noexcept {
    const auto doublings = std::clamp(attempt, 0, 30);
    if (backoff.count() > max_wait.count() >> doublings) return max_wait;
    return std::min(max_wait, std::chrono::milliseconds(backoff.count() << doublings));
  }
};

}  // namespace imednet
