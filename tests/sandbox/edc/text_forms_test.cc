#include <gmock/gmock.h>

#include "sandbox/edc/json_scan.h"
#include "sandbox/edc/query_string.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

TEST(JsonScan, FindsTopLevelMembersOnly) {
  const std::string_view row = R"({ "a" : {"id":1,"s":"}\""} , "list":[{"id":2},"]"],"id": 42,"t":"x\"y","n":null,"id":7})";
  EXPECT_EQ(find_member(row, "id"), "42");
  EXPECT_EQ(find_member(row, "a"), R"({"id":1,"s":"}\""})");
  EXPECT_EQ(find_member(row, "t"), R"("x\"y")");
  EXPECT_EQ(find_member(row, "n"), "null");
  EXPECT_EQ(find_member(row, "s"), std::nullopt);
}

TEST(JsonScan, SurvivesCutText) {
  const std::string row = R"({"a":{"b":["c",1]},"d":"e\"","f":-1.5e3})";
  for (std::size_t length = 0; length < row.size(); ++length) {
    find_member(std::string_view(row).substr(0, length), "nothing");
  }
  EXPECT_EQ(find_member("", "a"), std::nullopt);
  EXPECT_EQ(find_member("[1]", "a"), std::nullopt);
}

TEST(JsonScan, DecodesText) {
  EXPECT_EQ(decoded_text(R"("a\u00e9\n")"), "a\xc3\xa9\n");
  EXPECT_EQ(decoded_text("12"), "12");
  EXPECT_EQ(decoded_text(R"("lone \ud800")"), R"(lone \ud800)");
}

TEST(QueryString, KeepsEverythingAfterTheFirstEquals) {
  const QueryString query("filter=formKey==AE;siteId>=7&sort=a%2CASC&sort=b,desc&empty=&flag&sp=a+b%20c");
  EXPECT_EQ(query.first("filter"), "formKey==AE;siteId>=7");
  EXPECT_THAT(query.all("sort"), testing::ElementsAre("a,ASC", "b,desc"));
  EXPECT_EQ(query.first("empty"), "");
  EXPECT_EQ(query.first("flag"), "");
  EXPECT_EQ(query.first("sp"), "a b c");
  EXPECT_EQ(query.first("none"), std::nullopt);
}

TEST(QueryString, DecodesPaths) {
  EXPECT_THAT(path_segments("/api//S%C3%A3o%20P+1/%zz"), testing::ElementsAre("api", "S\xc3\xa3o P+1", "%zz"));
}

TEST(Timestamps, ReadsEachForm) {
  EXPECT_EQ(answer_stamp("1970-01-02 00:00:01"), 86401);
  EXPECT_EQ(answer_stamp("1970-01-02T00:00:01"), std::nullopt);
  EXPECT_EQ(filter_stamp("1970-01-02T00:00:01Z"), 86401);
  EXPECT_EQ(filter_stamp("1970-01-01T18:00:01-06:00"), 86401);
  EXPECT_EQ(filter_stamp("1970-01-02 00:00:01"), std::nullopt);
  EXPECT_EQ(filter_stamp("1970-01-02T00:00:01"), std::nullopt);
  EXPECT_EQ(calendar_date("2024-02-29"), 19782 * 86400);
  EXPECT_EQ(calendar_date("2023-02-29"), std::nullopt);
  EXPECT_EQ(calendar_date(""), std::nullopt);
}

TEST(Timestamps, WritesEachForm) {
  const auto when = std::chrono::system_clock::from_time_t(86401);
  EXPECT_EQ(format_stamp(when), "1970-01-02 00:00:01");
  EXPECT_EQ(format_http_date(when), "Fri, 02 Jan 1970 00:00:01 GMT");
}

}  // namespace
}  // namespace imednet::sandbox::edc
