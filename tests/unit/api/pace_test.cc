#include "api/pace.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <vector>

#include "unit/api/scripted_transport.h"
#include "unit/folder.h"

namespace imednet::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Sends `count` requests that take `each`; returns when each began.
std::vector<milliseconds> send(Pace& pace, FakeClock& clock, int count, milliseconds each = milliseconds(1)) {
  std::vector<milliseconds> begun;
  for (int i = 0; i < count; ++i) {
    Pace::Turn turn = pace.begin({});
    begun.push_back(clock.elapsed);
    clock.elapsed += each;
    turn.answered();
  }
  return begun;
}

// The most within any stretch of that length.
int most_within(const std::vector<milliseconds>& times, milliseconds span) {
  int most = 0;
  for (std::size_t first = 0; first < times.size(); ++first) {
    int held = 0;
    for (std::size_t i = first; i < times.size() && times[i] - times[first] < span; ++i) ++held;
    most = std::max(most, held);
  }
  return most;
}

TEST(Rates, AreReadOrRefused) {
  EXPECT_EQ(parse_rate("auto")->per_minute, 0);
  EXPECT_EQ(parse_rate("")->per_hour, 0);
  EXPECT_EQ(parse_rate("presumed")->per_minute, 100);
  EXPECT_EQ(parse_rate("presumed")->per_hour, 1000);
  EXPECT_EQ(parse_rate("7/min")->per_minute, 7);
  EXPECT_EQ(parse_rate("7/min")->per_hour, 0);
  EXPECT_EQ(parse_rate("50/h,7/min")->per_hour, 50);
  EXPECT_EQ(parse_rate("50/h,7/min")->per_minute, 7);
  for (const std::string_view bad :
       {"7", "/min", "0/min", "-1/min", "7/min,", ",7/min", "7/min,8/min", "1e3/h", "7/sec", "2000000/h", "7 /min"})
    EXPECT_FALSE(parse_rate(bad)) << bad;
}

TEST(Paces, KeepTheLimitsInEveryStretchOfTimeAndWasteNothing) {
  FakeClock clock;
  Pace pace({.per_minute = 100, .per_hour = 1000}, clock);
  const auto times = send(pace, clock, 2500);
  EXPECT_LE(most_within(times, seconds(60)), 100);
  EXPECT_LE(most_within(times, seconds(3600)), 1000);
  EXPECT_LT(times[99], seconds(1)) << "what is allowed now is sent now";
  EXPECT_LE(clock.elapsed, milliseconds(2 * 3'600'000 + 5 * 60'000)) << "2,500 requests are two full hours and five minutes of a third";
}

TEST(Paces, KnowNoLimitUntilOneIsTold) {
  FakeClock clock;
  Pace pace({}, clock);
  send(pace, clock, 1000);
  EXPECT_TRUE(clock.waits.empty());
  EXPECT_FALSE(pace.rate());
}

TEST(Paces, AreHalvedByARefusalAndClimbBack) {
  FakeClock clock;
  Pace pace({}, clock);
  send(pace, clock, 100, milliseconds(100));  // ten a second
  pace.begin({}).throttled(std::nullopt);
  ASSERT_TRUE(pace.rate());
  EXPECT_NEAR(*pace.rate(), 5, 0.6);
  const auto slow = send(pace, clock, 5, milliseconds(1));
  EXPECT_GE(slow.back() - slow.front(), milliseconds(4 * 150));
  send(pace, clock, 1000, milliseconds(100));
  EXPECT_FALSE(pace.rate()) << "nothing was refused for long";
}

TEST(Paces, CountRefusalsThatComeTogetherOnce) {
  FakeClock clock;
  Pace pace({}, clock);
  send(pace, clock, 100, milliseconds(100));
  Pace::Turn first = pace.begin({}), second = pace.begin({});
  first.throttled(std::nullopt);
  second.throttled(std::nullopt);
  EXPECT_NEAR(*pace.rate(), 5, 0.6);
  EXPECT_FALSE(pace.learnt_limit());
}

TEST(Paces, LearnALimitFromTheThirdRefusalInAMinute) {
  FakeClock clock;
  Pace pace({}, clock);
  send(pace, clock, 40, milliseconds(100));
  for (int refusal = 0; refusal < 2; ++refusal) {
    pace.begin({}).throttled(std::nullopt);
    EXPECT_FALSE(pace.learnt_limit()) << "fewer may have any reason";
    clock.elapsed += seconds(5);
    send(pace, clock, 5, milliseconds(100));
  }
  pace.begin({}).throttled(std::nullopt);
  ASSERT_TRUE(pace.learnt_limit());
  EXPECT_EQ(*pace.learnt_limit(), 50);
  const auto times = send(pace, clock, 120, milliseconds(10));
  EXPECT_LE(most_within(times, seconds(60)), 60) << "the limit climbs by a tenth a minute";
}

TEST(Paces, HoldEverybodyForRetryAfterButNotForever) {
  FakeClock clock;
  Pace pace({.longest_hold = seconds(30)}, clock);
  send(pace, clock, 20, milliseconds(10));
  pace.begin({}).throttled(seconds(7));
  const auto asked = clock.elapsed;
  EXPECT_GE(send(pace, clock, 1).front() - asked, seconds(7));
  pace.begin({}).throttled(seconds(3600));
  const auto again = clock.elapsed;
  const auto waited = send(pace, clock, 1).front() - again;
  EXPECT_GE(waited, seconds(30));
  EXPECT_LT(waited, seconds(60));
}

TEST(Paces, GrowWiderWhileAnswersAreQuickAndHalveAfterTrouble) {
  FakeClock clock;
  Pace pace({}, clock);
  EXPECT_EQ(pace.width(), 2);
  send(pace, clock, 10, milliseconds(100));
  EXPECT_EQ(pace.width(), 12);
  send(pace, clock, 10, milliseconds(300));
  EXPECT_EQ(pace.width(), 12) << "slow answers make it no wider";
  { const Pace::Turn broken = pace.begin({}); }
  EXPECT_EQ(pace.width(), 6);
  send(pace, clock, 3, milliseconds(100));
  EXPECT_EQ(pace.width(), 6) << "after trouble it grows slowly";
  send(pace, clock, 300, milliseconds(100));
  EXPECT_GT(pace.width(), 12);
  EXPECT_LE(pace.width(), 32);
}

TEST(Paces, EndAWaitWhenAStopIsAskedFor) {
  FakeClock clock;
  Pace pace({.per_minute = 1}, clock);
  send(pace, clock, 1);
  std::stop_source stop;
  clock.on_sleep = [&] { stop.request_stop(); };
  EXPECT_EQ(caught<ImednetError>([&] { pace.begin(stop.get_token()); }).code(), errors::ErrorCode::cancelled);
}

class SharedBudgets : public FolderTest {};

TEST_F(SharedBudgets, CountTheRequestsOfAll) {
  FakeClock clock;
  const RateLimits limits{.per_minute = 10, .per_hour = 25, .shared_file = root / "rate"};
  Pace one(limits, clock), other(limits, clock);
  std::vector<milliseconds> times;
  for (int i = 0; i < 20; ++i) {
    times.push_back(send(i % 2 == 0 ? one : other, clock, 1).front());
  }
  EXPECT_LE(most_within(times, seconds(60)), 10);
  EXPECT_LT(times[9], seconds(1));
  EXPECT_LT(times.back(), seconds(62));
  Pace third(limits, clock);  // what ended before counts, too
  EXPECT_GE(send(third, clock, 6).back(), seconds(3600)) << "the hour's are used up";
  struct stat facts {};
  ASSERT_EQ(stat((root / "rate").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(SharedBudgets, TakeADamagedFileForAnEmptyOneAndRefuseAFolder) {
  FakeClock clock;
  std::ofstream(root / "rate") << "no numbers";
  Pace pace({.per_minute = 10, .shared_file = root / "rate"}, clock);
  send(pace, clock, 3);
  EXPECT_TRUE(clock.waits.empty());
  EXPECT_EQ(caught<errors::ConfigurationError>([&] { Pace({.per_minute = 10, .shared_file = root}, clock); }).code(),
            errors::ErrorCode::io);
}

}  // namespace
}  // namespace imednet::api
