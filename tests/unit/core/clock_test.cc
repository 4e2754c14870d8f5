#include "core/clock.h"

#include <gtest/gtest.h>

#include <thread>

namespace imednet::core {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::system_clock;

TEST(FormatUtc, WritesTheManifestsForm) {
  EXPECT_EQ(format_utc(sys_days(2026y / 1 / 15) + 12h), "2026-01-15T12:00:00+00:00");
  EXPECT_EQ(format_utc(system_clock::time_point{}), "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(format_utc(sys_days(2024y / 2 / 29) + 23h + 59min + 59s), "2024-02-29T23:59:59+00:00");
}

TEST(FormatUtc, CutsToTheSecondOnBothSidesOfTheEpoch) {
  EXPECT_EQ(format_utc(sys_days(2026y / 1 / 15) + 12h + 999ms), "2026-01-15T12:00:00+00:00");
  EXPECT_EQ(format_utc(system_clock::time_point(-1ms)), "1969-12-31T23:59:59+00:00");
}

TEST(SystemClock, IsOneObjectForTheWholeProgram) { EXPECT_EQ(&imednet::core::system_clock(), &imednet::core::system_clock()); }

TEST(SystemClock, TellsBothTimes) {
  Clock& clock = imednet::core::system_clock();
  const auto steady = std::chrono::steady_clock::now();
  const auto utc = system_clock::now();
  EXPECT_GE(clock.now(), steady);
  EXPECT_GE(clock.utc_now(), utc - 1s);
  EXPECT_LT(clock.utc_now(), utc + 1h);
}

TEST(SystemClockSleep, WithoutAStopItEndsByItself) {
  EXPECT_TRUE(imednet::core::system_clock().sleep(0ms, {}));
  EXPECT_TRUE(imednet::core::system_clock().sleep(-5ms, {}));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(imednet::core::system_clock().sleep(2ms, std::stop_source().get_token()));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
}

TEST(SystemClockSleep, AStopAskedForBeforeMeansNoWait) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(imednet::core::system_clock().sleep(1h, stop.get_token()));
  EXPECT_FALSE(imednet::core::system_clock().sleep(0ms, stop.get_token()));
}

TEST(SystemClockSleep, AStopAskedForMeanwhileEndsTheWait) {
  std::stop_source stop;
  bool slept_through = true;
  {
    const std::jthread sleeper([&] { slept_through = imednet::core::system_clock().sleep(1h, stop.get_token()); });
    stop.request_stop();
  }
  EXPECT_FALSE(slept_through);
}

TEST(SystemClockSleep, OneStopWakesManySleepers) {
  std::stop_source stop;
  std::array<bool, 4> slept_through{true, true, true, true};
  {
    std::array<std::jthread, 4> sleepers;
    for (std::size_t i = 0; i < sleepers.size(); ++i) {
      sleepers[i] = std::jthread([&, i] { slept_through[i] = imednet::core::system_clock().sleep(1h, stop.get_token()); });
    }
    stop.request_stop();
  }
  EXPECT_EQ(slept_through, (std::array<bool, 4>{}));
}

}  // namespace
}  // namespace imednet::core
