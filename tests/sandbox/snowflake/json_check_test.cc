#include "sandbox/snowflake/json_check.h"

#include <gtest/gtest.h>

namespace imednet::sandbox::snowflake {
namespace {

TEST(JsonCheck, AcceptsJson) {
  for (const char* text : {"", "  \n", "null", "true", "-1.5e10", "\"a\"", "[]", "{}", "[1, [2, {\"a\": null}]]",
                           R"({"a":1,"A":2,"it.age":3})", R"("\ud83d\ude00")", "1e308", "12345678901234567890123456789", "\"\xC3\xA9\""}) {
    EXPECT_EQ(json_refusal(text), std::nullopt) << text;
  }
}

TEST(JsonCheck, RefusesWhatTheServiceRefuses) {
  for (const char* text : {"{",
                           "[1,]",
                           "{\"a\":1,}",
                           "nul",
                           "NaN",
                           "Infinity",
                           "01",
                           "1.",
                           "+1",
                           "'a'",
                           "\"a",
                           "1 2",
                           "{a:1}",
                           R"({"a":1,"a":2})",
                           R"({"a":{"b":1,"\u0062":2}})",
                           R"({"\ud83d\ude00":1,"😀":2})",
                           R"({"\n":1,"\u000a":2})",
                           R"({"\/":1,"/":2})",
                           "1e400",
                           "[-1e999]",
                           R"("\ud800")",
                           R"("\udc00x")",
                           R"("\ud800\u0041")",
                           R"("a\u0000b")",
                           R"("\q")",
                           "\"\x01\"",
                           "\"\xC3(\""}) {
    EXPECT_NE(json_refusal(text), std::nullopt) << text;
  }
}

TEST(JsonCheck, NamesAreComparedAsTheyAreMeant) {
  EXPECT_EQ(json_refusal(R"({"\n":1,"\\n":2,"n":3})"), std::nullopt);
  std::string many = "{\"n0\":0", twice;
  for (int i = 1; i < 3000; ++i) many += ",\"n" + std::to_string(i) + "\":0";
  twice = many + ",\"n1500\":1}";
  EXPECT_EQ(json_refusal(many + "}"), std::nullopt);
  EXPECT_NE(json_refusal(twice), std::nullopt);
}

TEST(JsonCheck, KnowsCompactTexts) {
  for (const char* text : {R"({"a b":"c d","e":[1,2]})", "null", "\" \""}) EXPECT_TRUE(judge_json(text).is_compact) << text;
  for (const char* text : {"", " ", "{ }", "[1, 2]", " 1", "1\n", "{\"a\" :1}"}) EXPECT_FALSE(judge_json(text).is_compact) << text;
}

TEST(JsonCheck, DeepNestingIsRefusedNotACrash) { EXPECT_NE(json_refusal(std::string(100000, '[')), std::nullopt); }

}  // namespace
}  // namespace imednet::sandbox::snowflake
