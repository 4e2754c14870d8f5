#include "core/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace imednet::core {
namespace {

class Crew {
 public:
  explicit Crew(const ParallelRun& run) : run_(run), working_(std::min(run.count, std::max<std::size_t>(run.width, 1))) {}

  void run() {
    std::vector<std::jthread> threads;
    try {
      const std::size_t width = working_;
      for (std::size_t i = 0; i < width; ++i) threads.emplace_back([this] { take_turns(); });
      wait();
    } catch (...) {  // no thread, or an error of tick
      fail(std::current_exception());
    }
    threads.clear();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void take_turns() {
    try {
      for (std::size_t thing = next(); thing < run_.count; thing = next()) run_.work(thing, stop_.get_token());
    } catch (...) {
      fail(std::current_exception());
    }
    const std::lock_guard lock(mutex_);
    if (--working_ == 0) done_.notify_all();
  }

  std::size_t next() {
    const std::lock_guard lock(mutex_);
    return stop_.stop_requested() ? run_.count : next_++;
  }

  void fail(std::exception_ptr error) {
    {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::move(error);
    }
    stop_.request_stop();
    if (run_.on_stop) run_.on_stop();
  }

  void wait() {
    std::unique_lock lock(mutex_);
    while (working_ > 0) {
      done_.wait_for(lock, run_.each, [this] { return working_ == 0; });
      if (!run_.tick) continue;
      lock.unlock();
      run_.tick();
      lock.lock();
    }
  }

  const ParallelRun& run_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::stop_source stop_;
  std::exception_ptr error_;
  std::size_t next_ = 0;
  std::size_t working_;
};

}  // namespace

void run_parallel(const ParallelRun& run) { Crew(run).run(); }

}  // namespace imednet::core
