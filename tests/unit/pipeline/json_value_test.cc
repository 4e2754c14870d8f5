#include "pipeline/json_value.h"

#include <gtest/gtest.h>

namespace imednet::pipeline {
namespace {

TEST(JsonValue, IsTheSameInAnySpelling) {
  EXPECT_TRUE(is_same_json(R"({"a": 1, "b": [true, null, "x"]})", R"({"b":[true,null,"x"],"a":1})"));
  EXPECT_TRUE(is_same_json(R"({"a":{"c":1,"b":2}})", R"({"a":{"b":2,"c":1}})"));
  EXPECT_TRUE(is_same_json(R"("\u00e9\/")", "\"\xc3\xa9/\""));
  EXPECT_TRUE(is_same_json("[1.50, -0, 0.0, 100]", "[1.5, 0, 0, 1e2]"));
  EXPECT_TRUE(is_same_json("1.234500000000000e+20", "123450000000000000000"));
  EXPECT_TRUE(is_same_json("0.1e0", "1.0000000000000001e-01"));
  EXPECT_TRUE(is_same_json("no JSON", "no JSON"));
}

TEST(JsonValue, IsAnotherForEverySmallDifference) {
  EXPECT_FALSE(is_same_json(R"({"a":1})", R"({"a":"1"})"));
  EXPECT_FALSE(is_same_json(R"({"a":1})", R"({"b":1})"));
  EXPECT_FALSE(is_same_json(R"({"a":null})", "{}"));
  EXPECT_FALSE(is_same_json("[1,2]", "[2,1]"));
  EXPECT_FALSE(is_same_json("[]", "{}"));
  EXPECT_FALSE(is_same_json("[[1],2]", "[[1,2]]"));
  EXPECT_FALSE(is_same_json("true", "false"));
  EXPECT_FALSE(is_same_json(R"("")", "null"));
  EXPECT_FALSE(is_same_json("1", "-1"));
  EXPECT_FALSE(is_same_json("12345678901234567890123456789012345678", "12345678901234567890123456789012345679"));
  EXPECT_FALSE(is_same_json("0.1", "0.10000000000000001"));
  EXPECT_FALSE(is_same_json("1e2", "1e3"));
  EXPECT_FALSE(is_same_json("no JSON", "[1]"));
  EXPECT_FALSE(is_same_json(R"({"a":"1,b","b":"2"})", R"({"a":"1","b":"b,2"})"));
}

}  // namespace
}  // namespace imednet::pipeline
