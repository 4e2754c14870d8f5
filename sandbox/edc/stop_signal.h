#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace imednet::sandbox::edc {

// Lets everything that waits on purpose (latency, hanging, trickling) end at once when the server stops.
class StopSignal {
 public:
  void raise() {
    {
      const std::scoped_lock lock(mutex_);
      raised_ = true;
    }
    changed_.notify_all();
  }

  bool raised() const {
    const std::scoped_lock lock(mutex_);
    return raised_;
  }

  // False when it was raised before the time was over.
  bool sleep(std::chrono::milliseconds time) const {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return raised_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool raised_ = false;
};

}  // namespace imednet::sandbox::edc
