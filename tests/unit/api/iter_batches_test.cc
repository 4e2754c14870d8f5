// iter_batches over what people hand to it; it stands here because its first user is a list of the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <ranges>
#include <sstream>

#include "imednet/integrations/sink_base.h"
#include "unit/api/fake_study.h"

namespace imednet::integrations {
namespace {

using errors::ErrorCode;
using testing::ElementsAre;

template <class Range>
std::vector<std::vector<int>> batches_of(Range&& range, std::size_t size) {
  std::vector<std::vector<int>> all;
  for (const auto& batch : iter_batches(std::forward<Range>(range), size)) all.push_back(batch);
  return all;
}

static_assert(std::ranges::input_range<BatchRange<std::vector<int>&>>);

TEST(IterBatches, SizesAreExact) {
  const std::vector<int> numbers{1, 2, 3, 4, 5, 6};
  EXPECT_THAT(batches_of(numbers, 1),
              ElementsAre(ElementsAre(1), ElementsAre(2), ElementsAre(3), ElementsAre(4), ElementsAre(5), ElementsAre(6)));
  EXPECT_THAT(batches_of(numbers, 4), ElementsAre(ElementsAre(1, 2, 3, 4), ElementsAre(5, 6)));
  EXPECT_THAT(batches_of(numbers, 3), ElementsAre(ElementsAre(1, 2, 3), ElementsAre(4, 5, 6)));  // and no empty one after
  EXPECT_THAT(batches_of(numbers, 6), ElementsAre(ElementsAre(1, 2, 3, 4, 5, 6)));
  EXPECT_THAT(batches_of(numbers, 1000), ElementsAre(ElementsAre(1, 2, 3, 4, 5, 6)));
  EXPECT_TRUE(batches_of(std::vector<int>{}, 3).empty());
}

TEST(IterBatches, SizeZeroIsRefusedAtOnce) {
  std::vector<int> numbers{1};
  try {
    iter_batches(numbers, 0);
    FAIL();
  } catch (const errors::ExportConfigurationError& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST(IterBatches, AnLvalueIsReferredToAndKept) {
  std::vector<std::string> texts{"a", "b", "c"};
  auto batches = iter_batches(texts, 2);
  texts[0] = "changed";
  EXPECT_THAT(*batches.begin(), ElementsAre("changed", "b"));
  EXPECT_THAT(texts, ElementsAre("changed", "b", "c"));
}

TEST(IterBatches, AnRvalueIsMovedIn) {
  auto batches = iter_batches(std::vector<std::string>{std::string(100, 'a'), "b", "c"}, 2);
  auto moved = std::move(batches);
  std::vector<std::size_t> sizes;
  for (const auto& batch : moved) sizes.push_back(batch.size());
  EXPECT_THAT(sizes, ElementsAre(2, 1));
}

#if !defined(__clang__) || __clang_major__ >= 16  // Clang before cannot compile libstdc++'s views
TEST(IterBatches, SinglePassRangesAreReadOnce) {
  std::istringstream input("1 2 3 4 5");
  EXPECT_THAT(batches_of(std::ranges::istream_view<int>(input), 2), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(5)));
  const std::list<int> numbers{1, 2, 3};
  EXPECT_THAT(batches_of(numbers | std::views::transform([](int n) { return n * 10; }), 2),
              ElementsAre(ElementsAre(10, 20), ElementsAre(30)));
}
#endif

TEST(IterBatches, RecordsOfAStudy) {
  api::FakeStudy study;
  study.add_many(1, 1003);
  api::FakeClock clock;
  const StudyResource<Record> records(api::make_client(study.transport(), clock));
  std::vector<std::size_t> sizes;
  std::int64_t last = 0;
  const auto check = [&](std::vector<Record>& batch) {
    sizes.push_back(batch.size());
    for (const Record& record : batch) {
      EXPECT_EQ(record.record_id, ++last);
      EXPECT_FALSE(record.raw.empty());
    }
  };
  for (auto& batch : iter_batches(records.list("S"), 400)) check(batch);
  EXPECT_THAT(sizes, ElementsAre(400, 400, 203));
  sizes.clear();
  last = 0;
  auto list = records.list("S");
  for (auto& batch : iter_batches(list, 1003)) check(batch);
  EXPECT_THAT(sizes, ElementsAre(1003));
}

TEST(IterBatches, AnErrorOfTheRangeEndsTheBatches) {
  api::FakeStudy study;
  study.add_many(1, 20);
  study.before_answer = [&study](int number) {
    if (number == 4) study.records.erase(1);
  };
  api::FakeClock clock;
  auto batches = iter_batches(StudyResource<Record>(api::make_client(study.transport(), clock)).list("S"), 8);
  auto position = batches.begin();
  EXPECT_EQ((*position).size(), 8u);
  ++position;
  EXPECT_EQ((*position).size(), 8u);
  EXPECT_THROW(++position, errors::ApiError);
}

}  // namespace
}  // namespace imednet::integrations
