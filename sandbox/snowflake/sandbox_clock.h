#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace imednet::sandbox::snowflake {

// Wall time plus an offset a test may set, so 64 days can pass in a moment.
class SandboxClock {
 public:
  int64_t now_us() const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count() + offset_us_.load();
  }
  void set_offset_seconds(int64_t seconds) { offset_us_ = seconds * 1000000; }

 private:
  std::atomic<int64_t> offset_us_{0};
};

// Engine literal of a moment.
inline std::string timestamp_literal(int64_t us) { return "CAST(make_timestamptz(" + std::to_string(us) + ") AS TIMESTAMPTZ)"; }

// "1700000000.123456000", as a timestamp cell.
inline std::string timestamp_cell(int64_t us) {
  std::string fraction = std::to_string(us % 1000000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::to_string(us / 1000000) + "." + fraction + "000";
}

}  // namespace imednet::sandbox::snowflake
