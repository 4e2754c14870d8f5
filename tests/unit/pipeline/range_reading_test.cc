#include "pipeline/range_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <random>

#include "unit/api/fake_study.h"
#include "unit/folder.h"

namespace imednet::pipeline {
namespace {

using api::caught;
using errors::ApiError;
using errors::ErrorCode;
using testing::HasSubstr;

class RangeReadings : public FolderTest {
 protected:
  // Answers one request at a time.
  std::shared_ptr<api::Client> client() {
    return api::make_client(
        [this](const http::Request& request) {
          const std::lock_guard lock(mutex);
          return study.answer(request);
        },
        clock);
  }

  ReadingHost host(const std::string& folder, std::int64_t batch_size, int connections) {
    return {.directory = root / folder,
            .batch_size = batch_size,
            .connections = connections,
            .stop = stop.get_token(),
            .on_progress = [](std::string_view, const api::ReadProof&) {},
            .beat = [this] { ++beats; }};
  }

  // Cut into `parts` at most, however small the study is.
  StagedStudy read(const std::string& folder, std::int64_t batch_size, std::int64_t parts) {
    const auto api = client();
    api::RecordReader reader(*api, "S");
    const api::StudyStart& start = reader.start();
    const ReadingHost asked = host(folder, batch_size, static_cast<int>(parts));
    StagedStudy staged;
    const std::string name = "S";
    plan = made_plan(start.records, batch_size, parts);
    is_read = read_in_ranges({asked, *api, name, "reading"}, start, plan, staged);
    return staged;
  }

  static std::vector<PlannedRange> made_plan(std::int64_t records, std::int64_t batch_size, std::int64_t parts) {
    std::vector<PlannedRange> plan;
    for (std::int64_t first = 0; first < records;) {
      const std::int64_t batch_end = std::min(records, (first / batch_size + 1) * batch_size);
      const std::int64_t step = std::max<std::int64_t>(1'000, records / parts / 1'000 * 1'000);
      const std::int64_t whole = first % batch_size == 0 && batch_size < step ? step / batch_size * batch_size : batch_size;
      const std::int64_t end = whole > batch_size ? std::min(records, first + whole) : std::min(batch_end, first + step);
      plan.push_back({.first_row = first, .end_row = end, .begins_group = first % batch_size == 0});
      first = end;
    }
    return plan;
  }

  StagedStudy read_in_one_go(const std::string& folder, std::int64_t batch_size) {
    StagedStudy staged;
    read_study(host(folder, batch_size, 1), ImednetSDK::over(client()), "S", staged, [] {});
    return staged;
  }

  void expect_same(const StagedStudy& one, const StagedStudy& other) {
    ASSERT_EQ(one.files.size(), other.files.size());
    for (std::size_t i = 0; i < one.files.size(); ++i) {
      EXPECT_EQ(one.files[i].batch_id, other.files[i].batch_id);
      EXPECT_EQ(one.files[i].rows, other.files[i].rows);
      EXPECT_EQ(one.files[i].content_hash, other.files[i].content_hash);
      EXPECT_EQ(one.files[i].sha256, other.files[i].sha256) << "not a byte depends on who came first";
    }
    EXPECT_EQ(one.forms, other.forms);
    EXPECT_EQ(one.counts.rows, other.counts.rows);
    EXPECT_EQ(one.recent, other.recent);
    EXPECT_EQ(one.proof.expected, other.proof.expected);
    EXPECT_EQ(one.proof.read, other.proof.read);
    EXPECT_EQ(one.proof.first_id, other.proof.first_id);
    EXPECT_EQ(one.proof.last_id, other.proof.last_id);
    EXPECT_EQ(one.proof.highest_id, other.proof.highest_id);
    EXPECT_EQ(one.proof.first_answer_timestamp, other.proof.first_answer_timestamp);
  }

  void fill(std::int64_t records) {
    std::int64_t id = 1000;
    std::mt19937 random(static_cast<unsigned>(records));
    for (std::int64_t i = 0; i < records; ++i) {
      id += std::uniform_int_distribution<std::int64_t>(1, 9)(random);
      study.add(id, static_cast<std::size_t>(i % 50), i % 3 == 0 ? "AE" : "VS");
    }
  }

  api::FakeStudy study;
  api::FakeClock clock;
  std::mutex mutex;
  std::stop_source stop;
  std::vector<PlannedRange> plan;
  int beats = 0;
  bool is_read = false;
};

TEST_F(RangeReadings, AreNotMisledByAnAnswerThatIsCalledRecordId) {
  fill(4'300);
  for (auto& [id, text] : study.records) {
    if (id % 3 == 0)
      text = R"({"recordId":)" + std::to_string(id) + R"(,"formKey":"AE","recordData":{"recordId":)" + std::to_string(id + 1) + "}}";
  }
  const StagedStudy one = read_in_one_go("one", 2'500);
  expect_same(one, read("other", 2'500, 4));
}

TEST_F(RangeReadings, AskForNoPageTwice) {
  fill(12'000);
  const StagedStudy staged = read("other", 50'000, 4);
  EXPECT_EQ(staged.proof.pages, 24);
  EXPECT_LE(staged.proof.requests, 12'000 / 500 + 2 * static_cast<std::int64_t>(plan.size()) + 3);
}

TEST_F(RangeReadings, StageWhatOneReaderStages) {
  fill(4'300);
  for (const std::int64_t batch_size : {400, 2'500, 50'000}) {
    const StagedStudy one = read_in_one_go("one", batch_size);
    for (const std::int64_t parts : {2, 5}) {
      const StagedStudy other = read("other", batch_size, parts);
      ASSERT_TRUE(is_read);
      ASSERT_GE(plan.size(), 2u);
      expect_same(one, other);
      EXPECT_LE(other.proof.pages, 4'300 / 500 + static_cast<std::int64_t>(plan.size()) * 2);
    }
  }
  EXPECT_GT(beats, 0);
}

TEST_F(RangeReadings, AskNoMoreThanAPageForEveryFiveHundredAndTwoForARange) {
  fill(8'000);
  study.requests = 0;
  read("other", 2'000, 4);
  EXPECT_EQ(plan.size(), 4u);
  EXPECT_LE(study.requests, 8'000 / 500 + 2 * 4 + 3);
}

TEST_F(RangeReadings, NameTheRangesThatDiffer) {
  fill(6'000);
  const std::int64_t gone = std::next(study.records.begin(), 3'500)->first;
  // It vanishes when all pages were read, before they are counted.
  study.before_answer = [&](int) {
    if (study.sizes.size() > 14 && study.sizes.back() == 1) study.records.erase(gone);
  };
  const ApiError error = caught([&] { read("other", 50'000, 3); });
  EXPECT_EQ(error.code(), ErrorCode::counts_differ);
  EXPECT_THAT(error.what(), HasSubstr("(up to id "));
  EXPECT_THAT(error.what(), HasSubstr(" read, "));
}

TEST_F(RangeReadings, NeverTakeAShortRangeForAWholeOne) {
  fill(6'000);
  const std::int64_t late = std::next(study.records.begin(), 4'200)->first;
  const std::string text = study.records.at(late);
  study.records.erase(late);
  // It appears when all pages were read, before they are counted.
  study.before_answer = [&](int) {
    if (study.sizes.size() >= 2 && study.sizes.back() == 1 && study.sizes.size() > 14) study.records[late] = text;
  };
  const ApiError error = caught([&] { read("other", 50'000, 3); });
  EXPECT_EQ(error.code(), ErrorCode::counts_differ);
  EXPECT_THAT(error.what(), HasSubstr("1000 read, 1001 held"));
}

TEST_F(RangeReadings, LeaveRecordsMadeMeanwhileForTheNextRun) {
  fill(6'000);
  const std::int64_t highest = study.records.rbegin()->first;
  study.before_answer = [&](int number) { study.add(highest + number); };
  const auto total = [&] { return static_cast<std::int64_t>(study.records.size()); };
  const StagedStudy staged = [&] {
    try {
      return read("other", 50'000, 3);
    } catch (const ApiError& error) {  // made between the questions of the counting itself, again and again
      EXPECT_EQ(error.code(), ErrorCode::counts_differ);
      return StagedStudy{};
    }
  }();
  EXPECT_GT(total(), 6'000);
  if (!staged.files.empty()) {
    EXPECT_EQ(staged.proof.read, staged.proof.expected);
  }
}

TEST_F(RangeReadings, EndAllWhenOneFails) {
  fill(12'000);
  study.before_answer = [&](int number) {
    if (number == 20) throw ApiError("cannot read from iMednet: made up", {.code = ErrorCode::permission_denied});
  };
  EXPECT_EQ(caught([&] { read("other", 1'000, 4); }).code(), ErrorCode::permission_denied);
}

TEST_F(RangeReadings, EndWhenAStopIsAskedFor) {
  fill(12'000);
  study.before_answer = [&](int number) {
    if (number == 20) stop.request_stop();
  };
  // The stop is seen by the tick of the calling thread; a reading that ends before it is whole.
  try {
    read("other", 1'000, 4);
  } catch (const ImednetError& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

// An API that gives the same page whatever number is asked for can't be cut; nothing is read then.
TEST_F(RangeReadings, RefuseToCutWhereTheApiDoesNotTellTheIdsOfRanks) {
  fill(3'000);
  const auto api = api::make_client(
      [this](const http::Request& request) {
        const std::lock_guard lock(mutex);
        http::Request changed = request;
        for (const std::string_view page : {"page=999&", "page=1999&"}) {
          if (const auto at = changed.url.find(page); at != std::string::npos) changed.url.replace(at, page.size(), "page=0&");
        }
        return study.answer(changed);
      },
      clock);
  api::RecordReader reader(*api, "S");
  const ReadingHost asked = host("other", 50'000, 3);
  StagedStudy staged;
  const std::string name = "S";
  const api::StudyStart& start = reader.start();
  EXPECT_FALSE(
      read_in_ranges({asked, *api, name, "reading"}, start, {{0, 1'000, true}, {1'000, 2'000, false}, {2'000, 3'000, false}}, staged));
  EXPECT_TRUE(staged.files.empty());
  EXPECT_FALSE(std::filesystem::exists(root / "other"));
}

}  // namespace
}  // namespace imednet::pipeline
