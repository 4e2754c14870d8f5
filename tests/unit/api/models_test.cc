// What an element says besides the fields of its model: how a field came, what no model has, and the times of its stamps.
#include "imednet/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imednet/errors.h"

namespace imednet {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::sys_days;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const UtcTime kNoon = sys_days(std::chrono::year(2026) / 1 / 31) + hours(12);

TEST(UtcOf, StampsOfAnswers) {
  EXPECT_EQ(utc_of("2026-01-31 12:00:00"), kNoon);
  EXPECT_EQ(utc_of("2026-01-31T12:00:00Z"), kNoon);
  EXPECT_EQ(utc_of("2026-01-31T06:00:00-06:00"), kNoon);
  EXPECT_EQ(utc_of("2026-01-31 12:00:00.5"), kNoon + microseconds(500'000));
  EXPECT_EQ(utc_of(OptionalText("2026-01-31 12:00:00")), kNoon);
  EXPECT_EQ(utc_of(OptionalText()), std::nullopt);
  for (const char* none : {"", "2026-02-30 00:00:00", "2026-01", "yesterday", "[]"}) EXPECT_EQ(utc_of(none), std::nullopt) << none;
}

TEST(UtcOf, ArraysOfThreeToSevenParts) {
  EXPECT_EQ(utc_of("[2026,1,31,12,0,0,0]"), kNoon);
  EXPECT_EQ(utc_of(" [ 2026, 1, 31, 12, 0 ] "), kNoon);
  EXPECT_EQ(utc_of("[2026,1,31]"), UtcTime(sys_days(std::chrono::year(2026) / 1 / 31)));
  EXPECT_EQ(utc_of("[2026,1,31,12,0,0,1500]"), kNoon + microseconds(1));
  EXPECT_EQ(utc_of("[9999,12,31]"), UtcTime(sys_days(std::chrono::year(9999) / 12 / 31)));
  for (const char* none :
       {"[2026,1]", "[2026,1,31,12,0,0,0,0]", "[2026,2,30]", "[2026,13,1]", "[0,1,1]", "[2026,1,31,24]", "[2026,1,31,12,0,0,-1]",
        "[2026,1,31,12,0,0,1000000000]", "[\"2026\",1,31]", "[2026,1,31", "[2026,,31]", "[99999999999999999999,1,1]"})
    EXPECT_EQ(utc_of(none), std::nullopt) << none;
}

TEST(Presence, AbsentNullEmptyAndValueAreToldApart) {
  const std::string raw = R"({"a":null,"b":"","c":[],"d":{},"e":0,"f":false,"g":" ","h":[null],"\u0069":"x","j":[ ],"k":{ }})";
  EXPECT_EQ(presence(raw, "z"), Presence::absent);
  EXPECT_EQ(presence(raw, "a"), Presence::null);
  for (const char* name : {"b", "c", "d", "j", "k"}) EXPECT_EQ(presence(raw, name), Presence::empty) << name;
  for (const char* name : {"e", "f", "g", "h", "i"}) EXPECT_EQ(presence(raw, name), Presence::value) << name;
  EXPECT_THROW(presence("[1]", "a"), errors::ApiError);
  EXPECT_THROW(presence("{\"b\":1", "a"), errors::ApiError);
}

TEST(ExtraFields, WhatNoModelHasIsKeptAsSent) {
  Site site;
  site.raw = R"({"studyKey":"S","timeZone":"UTC","siteId":1,"tags":[1, 2],"open":null})";
  EXPECT_THAT(extra_fields(site), ElementsAre(Pair("timeZone", "\"UTC\""), Pair("tags", "[1, 2]"), Pair("open", "null")));
  Record record;
  record.raw = R"({"recordId":1,"recordData":{"x":1},"keywords":[]})";
  EXPECT_THAT(extra_fields(record), IsEmpty());
  EXPECT_EQ(field_names<Record>().size(), 19u);
  EXPECT_EQ(field_names<Job>().back(), "resultUrl");
}

TEST(FieldTexts, OfAnElementInTheOrderOfTheNames) {
  const std::string raw = R"({"n":1.50,"t":"a\nb","o":{"x": 1},"z":null,"f":true})";
  EXPECT_THAT(field_texts(raw, {"t", "n", "missing", "z", "o", "f"}),
              ElementsAre("a\nb", "1.50", std::nullopt, std::nullopt, R"({"x": 1})", "true"));
  EXPECT_THAT(raw_fields(raw, {"z", "missing", "t"}), ElementsAre(Pair("z", "null"), Pair("t", R"("a\nb")")));
}

TEST(QueryModel, IsOpenByItsNewestComment) {
  Query query;
  EXPECT_EQ(query.is_open(), std::nullopt);
  const auto say = [&](std::int64_t sequence, OptionalFlag closed) {
    QueryComment& comment = query.query_comments.emplace_back();
    comment.sequence = sequence;
    comment.closed = closed;
  };
  say(2, false);
  say(1, true);
  EXPECT_EQ(query.is_open(), true);
  say(3, true);
  EXPECT_EQ(query.is_open(), false);
  say(4, std::nullopt);
  EXPECT_EQ(query.is_open(), std::nullopt);
}

TEST(JobModel, StatesInAnyCase) {
  const auto job = [](const char* state) {
    Job one;
    one.batch_id = "b";
    if (state != nullptr) one.state = state;
    return one;
  };
  for (const char* state : {"completed", "COMPLETED", "Success", "failed", "FAILED", "Cancelled"})
    EXPECT_TRUE(job(state).is_terminal()) << state;
  for (const char* state : {"created", "running", "PROCESSING", "", "unheard of"}) EXPECT_FALSE(job(state).is_terminal()) << state;
  EXPECT_FALSE(job(nullptr).is_terminal());
  EXPECT_TRUE(Job().is_terminal()) << "without a batch all was done at once";
  EXPECT_TRUE(job("Failed").has_failed());
  EXPECT_TRUE(job("CANCELLED").has_failed());
  EXPECT_FALSE(job("success").has_failed());
}

}  // namespace
}  // namespace imednet
