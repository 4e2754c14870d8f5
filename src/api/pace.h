// pace.h: how fast and how wide the API is asked, so that its limits are kept and none of its time is wasted.
//
// Where it stands: Client → this, before every attempt of a request.
// Rules:   Limits that are known (per minute, per hour) are never passed in any such stretch of time. A 429 halves the rate in force, which
//          then climbs back; Retry-After holds everybody; a limit per minute is learnt from the third 429 within one.
//          Requests at the same time: one more for every good answer as long as answers stay quick, half as many after trouble.
// Threads: any number.   Units: by the clock given; a shared file by the machine's own.   Source: ADR 0029.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "core/clock.h"

namespace imednet::api {

class SharedBudget;

// Requests allowed; 0: nothing is known.
struct RateLimits {
  std::int64_t per_minute = 0, per_hour = 0;
  std::chrono::milliseconds longest_hold{60'000};  // of everybody, whatever Retry-After says
  std::filesystem::path shared_file{};             // the budget of all processes that name this file; empty: this process has its own
};

// "auto" (nothing is known), "presumed" (100 a minute, 1,000 an hour), or one or two of "<n>/min", "<n>/h" with a comma between.
// nullopt: it is none of these.
std::optional<RateLimits> parse_rate(std::string_view text);

// Requests within a stretch of time.
class RequestLog {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RequestLog(std::chrono::milliseconds span, std::int64_t limit = 0) : span_(span), limit_(limit) {}
  void add(Time when);
  // Until one more is allowed; 0: now.
  std::chrono::milliseconds wait(Time now);
  std::int64_t count(Time now);
  void set_limit(std::int64_t limit) { limit_ = limit; }
  std::int64_t limit() const { return limit_; }

 private:
  void forget(Time now);
  std::chrono::milliseconds span_;
  std::int64_t limit_;  // 0: none
  std::deque<Time> times_;
};

class Pace {
 public:
  Pace(const RateLimits& limits, core::Clock& clock);
  ~Pace();

  // One request that may be sent now. Ends with one of the three, else as failed().
  class Turn {
   public:
    Turn(Turn&& other) noexcept : pace_(std::exchange(other.pace_, nullptr)), begun_(other.begun_) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    void answered();
    void throttled(std::optional<std::chrono::milliseconds> retry_after);
    void failed();

   private:
    friend class Pace;
    Turn(Pace& pace, RequestLog::Time begun) : pace_(&pace), begun_(begun) {}
    Pace* pace_;
    RequestLog::Time begun_;
  };

  // Waits for it. Throws ImednetError: cancelled when a stop is asked for, timeout when it can't be before `end`.
  Turn begin(const std::stop_token& stop, std::optional<RequestLog::Time> end = std::nullopt);

  int width() const;                                 // requests allowed at the same time now
  std::optional<double> rate() const;                // requests a second, after a 429
  std::optional<std::int64_t> learnt_limit() const;  // requests a minute

 private:
  using Time = RequestLog::Time;
  std::chrono::milliseconds wait(Time now);
  void end(Time begun, bool is_good);
  void slow_down(Time now, std::optional<std::chrono::milliseconds> retry_after);
  void climb(Time now);
  double used_rate(Time now);
  void adapt_width(Time now, std::chrono::steady_clock::duration took, bool is_good);

  core::Clock& clock_;
  std::chrono::milliseconds longest_hold_;
  std::unique_ptr<SharedBudget> shared_;
  mutable std::mutex mutex_;
  std::condition_variable_any freed_;
  RequestLog minute_, hour_, learnt_;
  RequestLog recent_{std::chrono::seconds(10)}, good_{std::chrono::minutes(1)}, refusals_{std::chrono::minutes(1)};
  Time hold_until_{}, first_sent_{}, last_sent_{}, last_throttle_{}, last_trouble_{}, last_climb_{};
  bool was_throttled_ = false, had_trouble_ = false;
  std::optional<double> rate_;
  int in_flight_ = 0;
  double width_;
  std::optional<std::chrono::steady_clock::duration> quickest_;
};

}  // namespace imednet::api
