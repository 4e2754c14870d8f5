#include "core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace imednet::core {
namespace {

TEST(ParallelRuns, DoEverythingOnce) {
  for (const std::size_t width : {0u, 1u, 3u, 50u}) {
    std::vector<std::atomic<int>> done(20);
    run_parallel({.count = done.size(), .width = width, .work = [&](std::size_t thing, const std::stop_token&) { ++done[thing]; }});
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
  run_parallel({.count = 0, .work = [](std::size_t, const std::stop_token&) { FAIL(); }});
}

TEST(ParallelRuns, ThrowTheFirstErrorWhenAllHaveEnded) {
  std::atomic<int> begun = 0, ended = 0;
  const auto run = [&] {
    run_parallel({.count = 100, .width = 4, .work = [&](std::size_t thing, const std::stop_token& stop) {
                    ++begun;
                    if (thing == 7) {
                      ++ended;
                      throw std::runtime_error("the seventh");
                    }
                    while (thing > 7 && !stop.stop_requested()) std::this_thread::yield();
                    ++ended;
                  }});
  };
  EXPECT_THROW(run(), std::runtime_error);
  EXPECT_EQ(begun, ended);
  EXPECT_LT(begun, 100);
}

TEST(ParallelRuns, WakeWhoWaits) {
  std::mutex mutex;
  std::condition_variable woken;
  bool is_over = false;
  const auto run = [&] {
    run_parallel({.count = 2,
                  .width = 2,
                  .work =
                      [&](std::size_t thing, const std::stop_token&) {
                        if (thing == 0) throw std::runtime_error("now");
                        std::unique_lock lock(mutex);
                        woken.wait(lock, [&] { return is_over; });
                      },
                  .on_stop =
                      [&] {
                        const std::lock_guard lock(mutex);
                        is_over = true;
                        woken.notify_all();
                      }});
  };
  EXPECT_THROW(run(), std::runtime_error);
}

TEST(ParallelRuns, EndWithAnErrorOfTheTick) {
  const auto run = [] {
    run_parallel({.count = 3,
                  .width = 3,
                  .work =
                      [](std::size_t, const std::stop_token& stop) {
                        while (!stop.stop_requested()) std::this_thread::yield();
                      },
                  .tick = [] { throw std::runtime_error("the lease is lost"); },
                  .each = std::chrono::milliseconds(1)});
  };
  EXPECT_THROW(run(), std::runtime_error);
}

}  // namespace
}  // namespace imednet::core
