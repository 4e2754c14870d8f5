#include "pipeline/range_plan.h"

#include <gtest/gtest.h>

#include <random>

namespace imednet::pipeline {
namespace {

using std::chrono::milliseconds;

TEST(RangePlans, LeaveASmallStudyInOnePiece) {
  for (const std::int64_t records : {0, 1, 500, 15'999, 31'999}) {
    const auto plan = plan_ranges({.records = records, .batch_size = 50'000, .most = 8, .cores = 2, .round_trip = milliseconds(150)});
    ASSERT_EQ(plan.size(), 1u) << records;
    EXPECT_EQ(plan[0].end_row, records);
  }
  EXPECT_EQ(plan_ranges({.records = 1'000'000, .batch_size = 50'000, .most = 1, .cores = 2, .round_trip = milliseconds(150)}).size(), 1u);
}

TEST(RangePlans, AreAsWideAsTheWaitForAnAnswerPays) {
  const auto ranges = [](milliseconds wait) {
    return plan_ranges({.records = 10'000'000, .batch_size = 50'000, .most = 8, .cores = 2, .round_trip = wait}).size();
  };
  EXPECT_EQ(ranges(milliseconds(0)), 2u);
  EXPECT_EQ(ranges(milliseconds(4)), 4u);
  EXPECT_EQ(ranges(milliseconds(150)), 8u);
}

TEST(RangePlans, AreNarrowerWhereThatIsAskedFor) {
  RangeWish wish{.records = 100'000, .batch_size = 50'000, .most = 8, .cores = 2, .round_trip = milliseconds(150)};
  EXPECT_EQ(plan_ranges(wish).size(), 6u);
  wish.pages_a_range = 8;
  EXPECT_EQ(plan_ranges(wish).size(), 8u);
}

TEST(RangePlans, GiveWholeBatchesWhereThereAreEnough) {
  const auto plan = plan_ranges({.records = 1'020'304, .batch_size = 50'000, .most = 8, .cores = 2, .round_trip = milliseconds(150)});
  ASSERT_EQ(plan.size(), 8u);
  for (const PlannedRange& range : plan) {
    EXPECT_TRUE(range.begins_group);
    EXPECT_EQ(range.first_row % 50'000, 0);
  }
}

// Whatever the wish: all rows, in order, once; groups begin where batches do; cuts inside a batch fall on full pages.
TEST(RangePlans, CoverEveryRowOnceAndCutWhereNothingChanges) {
  std::mt19937 random(4);
  const auto between = [&](std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random); };
  for (int i = 0; i < 2'000; ++i) {
    const RangeWish wish{.records = between(0, 1 << between(1, 24)),
                         .batch_size = between(1, 1 << between(1, 21)),
                         .most = static_cast<int>(between(1, 32)),
                         .cores = static_cast<unsigned>(between(1, 16)),
                         .round_trip = milliseconds(between(0, 300))};
    const auto plan = plan_ranges(wish);
    ASSERT_FALSE(plan.empty());
    std::int64_t row = 0;
    std::int64_t group = 0;
    for (const PlannedRange& range : plan) {
      EXPECT_EQ(range.first_row, row);
      EXPECT_TRUE(range.end_row > range.first_row || wish.records == 0);
      if (range.begins_group) group = range.first_row;
      EXPECT_EQ(group % wish.batch_size, 0);
      if (!range.begins_group) {
        EXPECT_EQ((range.first_row - group) % 1'000, 0);
        EXPECT_LE(range.end_row - group, wish.batch_size) << "a batch that is shared is the only one of its group";
      }
      row = range.end_row;
    }
    EXPECT_EQ(row, wish.records);
    EXPECT_TRUE(plan.front().begins_group);
    EXPECT_LE(plan.size(), static_cast<std::size_t>(wish.most) * 3 / 2 + 1);
  }
}

}  // namespace
}  // namespace imednet::pipeline
