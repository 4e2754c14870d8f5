#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

namespace imednet::sandbox::edc {

// The last requests, without their headers: those hold keys.
class RequestLog {
 public:
  void note(const std::string& method, const std::string& target, int status) {
    const auto now = std::chrono::steady_clock::now();
    const std::scoped_lock lock(mutex_);
    entries_.push_back({++total_, std::chrono::duration_cast<std::chrono::milliseconds>(now - start_), method, target, status});
    if (entries_.size() > kEntries) {
      entries_.pop_front();
    }
  }

  nlohmann::ordered_json describe() const {
    const std::scoped_lock lock(mutex_);
    auto requests = nlohmann::ordered_json::array();
    for (const Entry& entry : entries_) {
      requests.push_back(
          {{"n", entry.number}, {"at_ms", entry.at.count()}, {"method", entry.method}, {"target", entry.target}, {"status", entry.status}});
    }
    return {{"total", total_}, {"requests", std::move(requests)}};
  }

  void clear() {
    const std::scoped_lock lock(mutex_);
    entries_.clear();
    total_ = 0;
  }

 private:
  static constexpr std::size_t kEntries = 5000;

  struct Entry {
    std::uint64_t number;
    std::chrono::milliseconds at;
    std::string method;
    std::string target;
    int status;
  };

  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  std::uint64_t total_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace imednet::sandbox::edc
