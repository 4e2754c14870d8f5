#include "core/step_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imednet::core {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Seconds = std::chrono::duration<double>;

class PassingClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::time_point(passed); }
  std::chrono::system_clock::time_point utc_now() const override { return std::chrono::system_clock::time_point(passed); }
  bool sleep(std::chrono::milliseconds duration, const std::stop_token&) override {
    passed += duration;
    return true;
  }
  std::chrono::milliseconds passed{5000};
};

TEST(StepTimes, TurnsOfOneStepAreAddedAndTheOrderIsThatOfTheFirstTurns) {
  PassingClock clock;
  StepTimes times(clock);
  times.enter("reading");
  clock.passed += 1000ms;
  times.enter("loading");
  clock.passed += 250ms;
  times.enter("reading");
  clock.passed += 500ms;
  times.enter("verifying");
  EXPECT_THAT(times.times(), ElementsAre(Pair("reading", Seconds(1.5)), Pair("loading", Seconds(0.25)), Pair("verifying", Seconds(0))));
}

TEST(StepTimes, TheStepAtHandCountsUpToNow) {
  PassingClock clock;
  StepTimes times(clock);
  times.enter("connecting");
  clock.passed += 2000ms;
  EXPECT_THAT(times.times(), ElementsAre(Pair("connecting", Seconds(2))));
  clock.passed += 1000ms;
  EXPECT_THAT(times.times(), ElementsAre(Pair("connecting", Seconds(3))));
}

TEST(StepTimes, TheSameStepAgainGoesOn) {
  PassingClock clock;
  StepTimes times(clock);
  for (int i = 0; i < 4; ++i) {
    times.enter("uploading");
    clock.passed += 100ms;
  }
  ASSERT_EQ(times.times().size(), 1u);
  EXPECT_DOUBLE_EQ(times.times().front().second.count(), 0.4);
}

TEST(StepTimes, BeforeTheFirstStepThereIsNoTime) {
  PassingClock clock;
  const StepTimes times(clock);
  clock.passed += 1000ms;
  EXPECT_THAT(times.times(), IsEmpty());
}

}  // namespace
}  // namespace imednet::core
