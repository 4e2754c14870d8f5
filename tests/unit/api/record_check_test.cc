#include "api/record_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/api/fake_study.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ErrorCode;
using testing::ElementsAre;
using testing::IsEmpty;

class RecordCheckTest : public testing::Test {
 protected:
  std::vector<std::int64_t> still_there(const std::vector<std::int64_t>& ids) {
    const auto client = make_client(study.transport(), clock, settings);
    return records_still_there(*client, "S", ids);
  }

  FakeStudy study;
  FakeClock clock;
  ClientSettings settings = test_settings();
};

TEST_F(RecordCheckTest, NothingIsAskedForNothing) {
  EXPECT_THAT(still_there({}), IsEmpty());
  EXPECT_EQ(study.requests, 0);
}

TEST_F(RecordCheckTest, RecordsThatAreGoneAreLeftOut) {
  study.add_many(10, 20, 2);  // 10, 12 … 48
  EXPECT_THAT(still_there({11, 13}), IsEmpty());
  EXPECT_THAT(still_there({9, 10, 11, 48, 49}), ElementsAre(10, 48));
}

TEST_F(RecordCheckTest, IdsBelowAndAboveTheStudyAreGone) {
  study.add_many(10, 3);
  EXPECT_THAT(still_there({-7, 0, 9}), IsEmpty());
  EXPECT_THAT(still_there({13, 9'000'000'000'000'000'000}), IsEmpty());
}

TEST_F(RecordCheckTest, AStudyWithoutRecordsHasNone) {
  EXPECT_THAT(still_there({1, 2, 3}), IsEmpty());
  EXPECT_EQ(study.requests, 1);
}

TEST_F(RecordCheckTest, IdsThatLieCloseTogetherCostOnePage) {
  study.add_many(1000, 5000);
  EXPECT_THAT(still_there({1200, 1300, 1699}), ElementsAre(1200, 1300, 1699));
  EXPECT_EQ(study.requests, 1);
}

TEST_F(RecordCheckTest, IdsFarApartCostAPageEachAndTheStudyIsNotRead) {
  study.add_many(1000, 5000);
  study.records.erase(3000);
  EXPECT_THAT(still_there({1200, 3000, 5998, 7000}), ElementsAre(1200, 5998));
  EXPECT_EQ(study.requests, 3);
  EXPECT_EQ(*std::max_element(study.sizes.begin(), study.sizes.end()), 500);
}

TEST_F(RecordCheckTest, ManyIdsOverSeveralPagesAreEachAnswered) {
  study.add_many(1, 2000);
  std::vector<std::int64_t> asked, expected;
  for (std::int64_t id = 1; id <= 2100; ++id) asked.push_back(id);
  for (std::int64_t id = 7; id <= 2000; id += 7) study.records.erase(id);
  for (const auto& [id, text] : study.records) expected.push_back(id);
  EXPECT_EQ(still_there(asked), expected);
  EXPECT_LE(study.requests, 5);
}

TEST_F(RecordCheckTest, APageOverTheBodyCapIsAskedForInHalves) {
  settings.max_body_bytes = 3'000;
  study.add_many(1, 100);
  EXPECT_THAT(still_there({1, 50, 100, 101}), ElementsAre(1, 50, 100));
  EXPECT_THAT(study.sizes, testing::Contains(250));
  EXPECT_LT(*std::min_element(study.sizes.begin(), study.sizes.end()), 100);
}

TEST_F(RecordCheckTest, OneRecordOverTheBodyCapIsAnErrorNotAnAbsence) {
  settings.max_body_bytes = 3'000;
  study.add(5, 4'000);
  EXPECT_THROW(still_there({5}), ApiError);
}

TEST_F(RecordCheckTest, AnApiThatIgnoresTheFilterIsReadWhole) {
  study.ignores_filter = true;
  study.add_many(1, 700);
  study.records.erase(650);
  EXPECT_THAT(still_there({600, 650, 700, 701}), ElementsAre(600, 700));
}

TEST_F(RecordCheckTest, AnApiThatIgnoresTheFilterOfAnIdBelowAllSaysTheSame) {
  study.ignores_filter = true;
  study.add_many(10, 5);
  EXPECT_THAT(still_there({3, 12}), ElementsAre(12));
}

// A page in falling order would seem to end at its smallest id.
TEST_F(RecordCheckTest, AnswersOutOfOrderAreNotBelieved) {
  study.add_many(1, 20);
  Script script;
  script.answers(200, list_body(R"({"recordId":20},{"recordId":7},{"recordId":12})", 3), {}, "filter=recordId");
  const auto client = make_client(
      [&](const http::Request& request) { return script.seen.empty() ? script.take(request) : study.answer(request); }, clock, settings);
  const std::vector<std::int64_t> ids = {5, 12, 30};
  EXPECT_THAT(records_still_there(*client, "S", ids), ElementsAre(5, 12));
  EXPECT_GT(study.requests, 1) << "the study was read";
}

TEST_F(RecordCheckTest, AnEmptyPageWithATotalIsNotBelieved) {
  study.add_many(1, 20);
  Script script;
  script.answers(200, list_body("", 4));
  const auto client = make_client(
      [&](const http::Request& request) { return script.seen.empty() ? script.take(request) : study.answer(request); }, clock, settings);
  const std::vector<std::int64_t> ids = {5};
  EXPECT_THAT(records_still_there(*client, "S", ids), ElementsAre(5));
}

// Fewer than asked for, though more are there: what lies behind is asked for again.
TEST_F(RecordCheckTest, AShortPageIsNoEnd) {
  Script script;
  script.answers(200, list_body(R"({"recordId":10},{"recordId":11})", 4), {}, "recordId%3E9");
  script.answers(200, list_body(R"({"recordId":12},{"recordId":13})", 2), {}, "recordId%3E11");
  const auto client = make_client(script, clock);
  const std::vector<std::int64_t> ids = {10, 12, 14};
  EXPECT_THAT(records_still_there(*client, "S", ids), ElementsAre(10, 12));
}

TEST_F(RecordCheckTest, ARefusalIsAnErrorNotAnAbsence) {
  Script script;
  script.answers(403);
  const auto client = make_client(script, clock);
  const std::vector<std::int64_t> ids = {1};
  EXPECT_EQ(caught([&] { records_still_there(*client, "S", ids); }).code(), ErrorCode::permission_denied);
}

TEST_F(RecordCheckTest, StudyAndFilterAreEncoded) {
  Script script;
  script.answers(200, list_body("", 0), {}, "/studies/A%20B%2FC/records?page=0&size=500&sort=recordId%2Casc&filter=recordId%3E41");
  const auto client = make_client(script, clock);
  const std::vector<std::int64_t> ids = {42};
  EXPECT_THAT(records_still_there(*client, "A B/C", ids), IsEmpty());
}

}  // namespace
}  // namespace imednet::api
