// shared_sdk_test.cc: one SDK in many threads at the same time (also under ThreadSanitizer).
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "core/clock.h"
#include "imednet/sdk.h"
#include "unit/api/fake_study.h"

namespace imednet::pipeline {
namespace {

constexpr int kThreads = 8, kRecords = 1'200;

class SharedSdk : public testing::Test {
 protected:
  void SetUp() override { study.add_many(1, kRecords); }

  // Answers side by side; only the study behind them takes one at a time.
  http::Response answer(const http::Request& request) {
    if (request.url.find("/sites") != std::string::npos) return {.status = 200, .body = api::list_body(R"({"siteId":7},{"siteId":8})", 2)};
    if (fails_every > 0 && ++asked % fails_every == 0) return {.status = 503};
    const std::lock_guard lock(mutex);
    return study.answer(request);
  }

  // `work(sdk, number of the thread)` in each of the threads.
  template <class Work>
  void in_all_threads(const Work& work) {
    const ImednetSDK sdk = ImednetSDK::over(
        api::make_client([this](const http::Request& request) { return answer(request); }, core::system_clock(), settings));
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back([&sdk, &work, i] { work(sdk, i); });
  }

  std::mutex mutex;
  api::FakeStudy study;
  std::atomic<int> asked = 0;
  int fails_every = 0;
  api::ClientSettings settings = [] {
    api::ClientSettings some = api::test_settings();
    some.retry = {.max_retries = 1'000, .backoff = std::chrono::milliseconds(1), .max_wait = std::chrono::milliseconds(2)};
    return some;
  }();
};

TEST_F(SharedSdk, EachThreadReadsItsListsToTheEnd) {
  std::array<std::size_t, kThreads> records{}, sites{};
  fails_every = 5;  // tries, waits and the pace are shared, too
  in_all_threads([&](const ImednetSDK& sdk, int i) {
    records[static_cast<std::size_t>(i)] = sdk.records().collect("S", {.page_size = 100}).size();
    sites[static_cast<std::size_t>(i)] = sdk.sites().collect("S").size();
  });
  for (const std::size_t count : records) EXPECT_EQ(count, static_cast<std::size_t>(kRecords));
  for (const std::size_t count : sites) EXPECT_EQ(count, 2u);
}

TEST_F(SharedSdk, AStopOfOneCallIsNotThatOfTheOthers) {
  std::array<errors::ErrorCode, kThreads> codes{};
  std::array<std::size_t, kThreads> records{};
  in_all_threads([&](const ImednetSDK& sdk, int i) {
    const auto at = static_cast<std::size_t>(i);
    std::stop_source stop;
    try {
      for (const Record& record : sdk.records().list("S", {.page_size = 50, .call = {.stop = stop.get_token()}})) {
        ++records[at];
        if (i % 2 == 1 && record.record_id == 120) stop.request_stop();
      }
    } catch (const ImednetError& error) {
      codes[at] = error.code();
    }
  });
  for (std::size_t i = 0; i < records.size(); ++i) {
    const bool is_stopped = i % 2 == 1;
    EXPECT_EQ(codes[i] == errors::ErrorCode::cancelled, is_stopped);
    EXPECT_EQ(records[i] == static_cast<std::size_t>(kRecords), !is_stopped);
  }
}

}  // namespace
}  // namespace imednet::pipeline
