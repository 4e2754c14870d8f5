// clock.h: time as a parameter, so that tests never wait.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

namespace imednet::core {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point now() const = 0;
  virtual std::chrono::system_clock::time_point utc_now() const = 0;
  // Waits, or returns false at once when `stop` is asked for (then or before).
  virtual bool sleep(std::chrono::milliseconds duration, const std::stop_token& stop) = 0;
};

// The machine's own clock; lives as long as the program.
Clock& system_clock();

// "2026-01-15T12:00:00+00:00": UTC to the second, as the manifest writes it.
std::string format_utc(std::chrono::system_clock::time_point when);

}  // namespace imednet::core
