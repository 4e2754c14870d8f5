#include "api/record_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "unit/api/fake_study.h"

namespace imednet::api {
namespace {

using errors::ApiError;
using errors::ErrorCode;
using testing::HasSubstr;

class RecordReaderTest : public testing::Test {
 protected:
  std::vector<std::int64_t> read(int page_size = 500, ListOptions options = {}) {
    const auto client = make_client(study.transport(), clock, settings);
    RecordReader reader(*client, "S", std::move(options), page_size);
    std::vector<std::int64_t> ids;
    try {
      while (const RecordView* record = reader.next()) ids.push_back(record->record_id);
      EXPECT_EQ(reader.next(), nullptr);  // the end stays the end
    } catch (...) {
      proof = reader.proof();
      throw;
    }
    proof = reader.proof();
    return ids;
  }
  ApiError refused(int page_size = 500) {
    return caught([&] { read(page_size); });
  }
  std::vector<std::int64_t> held() const {
    std::vector<std::int64_t> ids;
    for (const auto& [id, text] : study.records) ids.push_back(id);
    return ids;
  }
  // Does something once, before the answer to one request.
  void before(int request, std::function<void()> change) {
    study.before_answer = [=](int number) {
      if (number == request) change();
    };
  }

  FakeStudy study;
  FakeClock clock;
  ClientSettings settings = test_settings();
  ReadProof proof;
};

TEST_F(RecordReaderTest, AllRecordsArriveInRisingOrderAndAreProved) {
  study.add_many(1000, 1234, 7);
  EXPECT_EQ(read(), held());
  EXPECT_EQ(proof.read, 1234);
  EXPECT_EQ(proof.expected, 1234);
  EXPECT_EQ(proof.first_id, 1000);
  EXPECT_EQ(proof.last_id, 1000 + 1233 * 7);
  EXPECT_EQ(proof.highest_id, proof.last_id);
  EXPECT_EQ(proof.method, "keyset");
  EXPECT_EQ(proof.pages, 3);
  EXPECT_EQ(proof.first_answer_timestamp, "2026-05-28 20:26:41");
  EXPECT_GT(proof.bytes, 1234 * 20);
}

TEST_F(RecordReaderTest, RequestsAreOneAPageAndAFewMore) {
  for (const int count : {0, 1, 2, 499, 500, 501, 1000, 5000}) {
    study = FakeStudy();
    study.add_many(5, count, 3);
    EXPECT_EQ(read(), held()) << count;
    EXPECT_EQ(proof.requests, study.requests);
    EXPECT_LE(study.requests, (count + 499) / 500 + 4) << count;
    EXPECT_LE(*std::max_element(study.sizes.begin(), study.sizes.end()), 500);
  }
}

TEST_F(RecordReaderTest, AStudyWithoutRecordsIsOneQuestion) {
  EXPECT_TRUE(read().empty());
  EXPECT_EQ(study.requests, 1);
  EXPECT_EQ(proof.expected, 0);
}

TEST_F(RecordReaderTest, ThePathAndTheQueryAreTheApis) {
  Script script;
  const auto client = make_client(script, clock);
  script.answers(200, list_body("", 0), {}, "/api/v1/edc/studies/MY%20STUDY%2F1/records?page=0&size=1&sort=recordId%2Cdesc");
  EXPECT_EQ(RecordReader(*client, "MY STUDY/1").next(), nullptr);
  script.answers(200, list_body("", 0), {}, "filter=formKey%3D%3DAE&recordDataFilter=aeser%3D%3DYes");
  EXPECT_EQ(RecordReader(*client, "S", {.filter = "formKey==AE", .record_data_filter = "aeser==Yes"}).next(), nullptr);
}

TEST_F(RecordReaderTest, NothingIsAskedBeforeTheFirstRecordIsWanted) {
  study.add(1);
  const auto client = make_client(study.transport(), clock);
  RecordReader reader(*client, "S");
  EXPECT_EQ(study.requests, 0);
}

TEST_F(RecordReaderTest, AFilterIsKeptOnEveryPage) {
  for (int id = 1; id <= 30; ++id) study.add(id, 0, id % 3 == 0 ? "AE" : "DM");
  EXPECT_EQ(read(4, {.filter = "formKey==AE"}), (std::vector<std::int64_t>{3, 6, 9, 12, 15, 18, 21, 24, 27, 30}));
  EXPECT_EQ(proof.method, "keyset");
}

TEST_F(RecordReaderTest, AFilterThatTakesNoSecondTermIsReadByOffset) {
  for (int id = 1; id <= 30; ++id) study.add(id, 0, id % 3 == 0 ? "AE" : id % 3 == 1 ? "DM" : "VS");
  EXPECT_EQ(read(4, {.filter = "formKey==AE,formKey==DM"}).size(), 20u);
  EXPECT_EQ(proof.method, "offset");
  EXPECT_EQ(read(4, {.filter = "recordId>25"}), (std::vector<std::int64_t>{26, 27, 28, 29, 30}));
  EXPECT_EQ(proof.method, "offset");
}

TEST_F(RecordReaderTest, AnIgnoredFilterIsFoundOutAndReadByOffsetTwice) {
  study.ignores_filter = true;
  for (const int count : {1, 2, 10, 25, 26}) {
    study.records.clear();
    study.requests = 0;
    study.add_many(100, count, 2);
    EXPECT_EQ(read(5), held()) << count;
    EXPECT_EQ(proof.method, "offset");
    EXPECT_EQ(proof.expected, count);
    EXPECT_EQ(study.requests, 2 + 2 * ((count + 4) / 5)) << count;
  }
}

TEST_F(RecordReaderTest, ASecondSweepThatDiffersIsTold) {
  study.ignores_filter = true;
  study.add_many(100, 12);
  before(6, [this] {  // the first sweep is over
    study.records.erase(103);
    study.add(104'000);
  });
  EXPECT_EQ(refused(5).code(), ErrorCode::counts_differ);

  study.add_many(100, 12);
  study.requests = 0;
  before(4, [this] { study.records.erase(100); });  // 105 slips to the page that was read
  EXPECT_EQ(refused(5).code(), ErrorCode::counts_differ);
}

TEST_F(RecordReaderTest, AnIgnoredSortIsFoundOut) {
  study.add_many(1, 20);
  study.ignores_sort = true;  // the "highest" is the lowest
  const ApiError error = refused(5);
  EXPECT_EQ(error.code(), ErrorCode::protocol);
  EXPECT_THAT(error.what(), HasSubstr("sort"));
}

TEST_F(RecordReaderTest, AHighestThatWasNotIsFoundOut) {
  study.add_many(1, 20);
  study.before_answer = [this](int request) { study.ignores_sort = request == 1; };  // once the "highest" is the lowest
  EXPECT_EQ(read(5), held());
  EXPECT_EQ(proof.highest_id, 20);
}

TEST_F(RecordReaderTest, AStudyThatOutrunsEveryAnswerIsTold) {
  study.add_many(1, 20);
  study.before_answer = [this](int request) { study.add(1000 + request); };
  EXPECT_EQ(refused(5).code(), ErrorCode::counts_differ);
  EXPECT_LT(study.requests, 30);
}

TEST_F(RecordReaderTest, IdsThatDoNotRiseAreRefused) {
  Script script;
  const auto client = make_client(script, clock);
  const auto elements = [](std::initializer_list<int> ids) {
    std::string text;
    for (const int id : ids) text += (text.empty() ? "" : ",") + std::string(R"({"recordId":)") + std::to_string(id) + "}";
    return text;
  };
  for (const auto& ids : {std::initializer_list<int>{1, 3, 2}, {1, 1}, {5, 4}}) {
    script.answers(200, list_body(elements({9}), 4)).answers(200, list_body("", 0)).answers(200, list_body(elements(ids), 4));
    RecordReader reader(*client, "S");
    const ApiError error = caught([&] {
      while (reader.next() != nullptr) {
      }
    });
    EXPECT_EQ(error.code(), ErrorCode::protocol);
    EXPECT_THAT(error.what(), HasSubstr("rise"));
  }
}

TEST_F(RecordReaderTest, APageThatComesAgainIsRefused) {
  study.add_many(1, 20);
  study.is_repeating = true;
  EXPECT_EQ(refused(5).code(), ErrorCode::protocol);
  study.ignores_filter = true;
  const ApiError error = refused(5);
  EXPECT_EQ(error.code(), ErrorCode::protocol);
  EXPECT_THAT(error.what(), HasSubstr("twice"));
}

TEST_F(RecordReaderTest, AListWithoutEndIsGivenUp) {
  std::int64_t next_id = 0;
  int requests = 0;
  const auto endless = [&](const http::Request& request) {
    ++requests;
    const bool is_start = request.url.find("size=1&") != std::string::npos;
    if (is_start && request.url.find("filter") != std::string::npos) return http::Response{.status = 200, .body = list_body("", 0)};
    const std::int64_t id = is_start ? 4'000'000'000'000'000'000 : ++next_id;
    return http::Response{.status = 200, .body = list_body(R"({"recordId":)" + std::to_string(id) + "}", 10)};
  };
  const auto client = make_client(endless, clock);
  RecordReader reader(*client, "S", {}, 2);
  const ApiError error = caught([&] {
    while (reader.next() != nullptr) {
    }
  });
  EXPECT_EQ(error.code(), ErrorCode::protocol);
  EXPECT_THAT(error.what(), HasSubstr("does not end"));
  EXPECT_LE(requests, 1'100);
}

TEST_F(RecordReaderTest, AnEndlessOffsetListIsGivenUp) {
  study.add_many(1, 30'000);
  study.ignores_filter = true;
  study.total_said = [this](std::int64_t total) { return study.requests <= 2 ? 10 : total; };
  const ApiError error = refused(2);
  EXPECT_THAT(error.what(), HasSubstr("does not end"));
  EXPECT_LE(study.requests, 1'100);
}

TEST_F(RecordReaderTest, WrongTotalsAreNeverAProof) {
  for (const std::int64_t off : {-1, 1, 5}) {
    for (const bool ignores : {false, true}) {
      study = FakeStudy();
      study.add_many(1, 23);
      study.ignores_filter = ignores;
      study.total_said = [off](std::int64_t total) { return total == 0 ? 0 : total + off; };
      EXPECT_EQ(refused(5).code(), ErrorCode::counts_differ) << off << (ignores ? " by offset" : " by key");
    }
  }
}

TEST_F(RecordReaderTest, APageWithoutATotalIsRefused) {
  Script script;
  const auto client = make_client(script, clock);
  script.answers(200, R"({"data":[{"recordId":1}]})");
  const ApiError error = caught([&] { RecordReader(*client, "S").next(); });
  EXPECT_EQ(error.code(), ErrorCode::protocol);
}

TEST_F(RecordReaderTest, TotalsWithoutRecordsAreRefused) {
  Script script;
  const auto client = make_client(script, clock);
  script.answers(200, list_body("", 7));
  EXPECT_EQ(caught([&] { RecordReader(*client, "S").next(); }).code(), ErrorCode::protocol);
}

// Before the highest is sure they are read.
TEST_F(RecordReaderTest, RecordsMadeWhileReadingAreLeftForTheNextRun) {
  for (int request = 2; request <= 8; ++request) {
    study.requests = 0;
    study.records.clear();
    study.add_many(1, 20);
    const auto at_start = held();
    before(request, [this] { study.add_many(1000, 50); });
    const auto arrived = read(5);
    EXPECT_EQ(arrived, request == 2 ? held() : at_start) << request;
    EXPECT_EQ(proof.highest_id, arrived.back());
  }
}

TEST_F(RecordReaderTest, ARecordThatVanishesAfterItWasReadIsTold) {
  study.add_many(1, 20);
  before(5, [this] { study.records.erase(2); });
  const ApiError error = refused(5);
  EXPECT_EQ(error.code(), ErrorCode::counts_differ);
  EXPECT_EQ(error.retry_class(), errors::RetryClass::backoff);
  EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("20 records were read"), HasSubstr("holds 19")));
}

TEST_F(RecordReaderTest, ARecordThatVanishesBeforeItWasReadIsNotMissed) {
  study.add_many(1, 20);
  before(4, [this] { study.records.erase(18); });
  const auto arrived = read(5);
  EXPECT_EQ(arrived, held());
  EXPECT_EQ(proof.expected, 19);
}

TEST_F(RecordReaderTest, ARecordThatAppearsBelowWhatWasReadIsTold) {
  study.add_many(10, 20, 2);
  before(5, [this] { study.add(11); });
  EXPECT_EQ(refused(5).code(), ErrorCode::counts_differ);
}

TEST_F(RecordReaderTest, APageOverTheBodyCapIsAskedForInHalves) {
  settings.max_body_bytes = 3'000;
  study.add_many(1, 40);
  study.add(41, 2'500);
  study.add_many(42, 10);
  EXPECT_EQ(read(32), held());
  EXPECT_NE(std::find(study.sizes.begin(), study.sizes.end(), 16), study.sizes.end());
  EXPECT_NE(std::find(study.sizes.begin(), study.sizes.end(), 8), study.sizes.end());
}

TEST_F(RecordReaderTest, OneRecordOverTheBodyCapIsRefusedByItsPlace) {
  settings.max_body_bytes = 3'000;
  study.add_many(1, 8);
  study.add(9, 4'000);
  study.add(10);
  const ApiError error = refused(8);
  EXPECT_EQ(error.code(), ErrorCode::decode);
  EXPECT_THAT(error.what(), HasSubstr("the record after 8 is larger"));
  EXPECT_EQ(proof.read, 8);
}

TEST_F(RecordReaderTest, AStudyThatIsAllOneHugeRecordIsRefused) {
  settings.max_body_bytes = 3'000;
  study.add(1, 4'000);
  EXPECT_THAT(refused().what(), HasSubstr("larger than allowed"));
}

TEST_F(RecordReaderTest, OffsetPagesAreHalvedToo) {
  settings.max_body_bytes = 3'000;
  study.ignores_filter = true;
  study.add_many(1, 10);
  study.add(11, 1'500);
  study.add(12, 1'500);
  study.add_many(13, 5);
  EXPECT_EQ(read(8), held());
  EXPECT_EQ(proof.method, "offset");
}

TEST_F(RecordReaderTest, AnErrorInTheMiddleIsNoEnd) {
  study.add_many(1, 20);
  settings.retry.max_retries = 0;
  const auto client = make_client(
      [this](const http::Request& request) {
        if (study.requests == 4) return http::Response{.status = 403};
        return study.answer(request);
      },
      clock, settings);
  RecordReader reader(*client, "S", {}, 5);
  int read = 0;
  const ApiError error = caught([&] {
    while (reader.next() != nullptr) ++read;
  });
  EXPECT_EQ(error.code(), ErrorCode::permission_denied);
  EXPECT_EQ(read, 10);
}

TEST_F(RecordReaderTest, AMovedReaderGoesOn) {
  study.add_many(1, 12);
  const auto client = make_client(study.transport(), clock);
  RecordReader first(*client, "S", {}, 5);
  ASSERT_NE(first.next(), nullptr);
  RecordReader second = std::move(first);
  int rest = 0;
  while (second.next() != nullptr) ++rest;
  EXPECT_EQ(rest, 11);
}

// Whatever is added above while the study is read, each record up to the highest that the reading began with arrives exactly once; a
// reading that could not be proved says so and the next one can.
TEST_F(RecordReaderTest, EveryRecordUpToTheHighestArrivesOnceWhateverIsAdded) {
  int unproved = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    study = FakeStudy();
    std::int64_t highest = static_cast<std::int64_t>(random() % 1000);
    const int count = static_cast<int>(random() % 120) + 1;
    for (int i = 0; i < count; ++i) study.add(highest += 1 + static_cast<std::int64_t>(random() % (random() % 4 == 0 ? 100'000 : 3)));
    std::int64_t at_start = 0;
    study.before_answer = [&](int number) {
      if (number == 1) at_start = highest;
      if (number == 1 || random() % 3 != 0) return;
      for (unsigned more = random() % 40; more > 0; --more) study.add(highest += 1 + static_cast<std::int64_t>(random() % 5));
    };
    const auto up_to_highest = [&] {
      EXPECT_GE(proof.highest_id, at_start);
      std::vector<std::int64_t> ids = held();
      ids.erase(std::upper_bound(ids.begin(), ids.end(), proof.highest_id), ids.end());
      return ids;
    };
    const int page_size = 1 + static_cast<int>(random() % 50);
    for (int reading = 0; reading < 10; ++reading) {
      study.requests = 0;
      try {
        const auto arrived = read(page_size);
        EXPECT_EQ(arrived, up_to_highest());
        EXPECT_EQ(proof.method, "keyset");
        break;
      } catch (const ApiError& error) {
        EXPECT_EQ(error.code(), ErrorCode::counts_differ) << error.what();
        EXPECT_EQ(proof.read, static_cast<std::int64_t>(up_to_highest().size()));
        ++unproved;
        EXPECT_LT(reading, 9);
      }
    }
  }
  EXPECT_LT(unproved, 30);
}

}  // namespace
}  // namespace imednet::api
