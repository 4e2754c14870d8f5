#include "sandbox/snowflake/array_binds.h"

#include <gtest/gtest.h>

#include "sandbox/snowflake/sql_error.h"

namespace imednet::sandbox::snowflake {
namespace {

std::vector<Binding> list(const std::vector<std::string>& values) {
  std::vector<Binding> out;
  for (const std::string& value : values) out.push_back({"TEXT", value});
  return out;
}

std::string texts(const std::vector<Binding>& bindings) {
  std::string out;
  for (const Binding& binding : bindings) out += binding.value.value_or("NULL") + ",";
  return out;
}

TEST(ArrayBinds, OneRowOfValuesIsRepeatedForEachRowOfBinds) {
  const auto spread = spread_insert("INSERT INTO t (a, b) VALUES (?, UPPER(?)) ;", {list({"1", "2", "3"}), list({"x", "y", "z"})});
  EXPECT_EQ(spread.sql, "INSERT INTO t (a, b) VALUES (?, UPPER(?)), (?, UPPER(?)), (?, UPPER(?))");
  EXPECT_EQ(texts(spread.bindings), "1,x,2,y,3,z,");
}

TEST(ArrayBinds, ASelectIsRepeatedToo) {
  const auto spread = spread_insert("insert into t select ?, PARSE_JSON(?)", {list({"1", "2"}), list({"x", "y"})});
  EXPECT_EQ(spread.sql, "insert into t select ?, PARSE_JSON(?) UNION ALL select ?, PARSE_JSON(?)");
  EXPECT_EQ(texts(spread.bindings), "1,x,2,y,");
}

TEST(ArrayBinds, TextThatLooksLikeABindIsNone) {
  const auto spread = spread_insert("INSERT INTO t VALUES ('? VALUES (?)', /* ? */ ?)", {list({"1", "2"})});
  EXPECT_EQ(texts(spread.bindings), "1,2,");
}

TEST(ArrayBinds, WhatCanNotBeSpreadIsRefused) {
  for (const char* sql :
       {"UPDATE t SET a = ?", "INSERT INTO t VALUES (?), (?)", "INSERT INTO t VALUES (?", "SELECT ?", "INSERT INTO t", ""})
    EXPECT_THROW(spread_insert(sql, {list({"1", "2"})}), SqlError) << sql;
  EXPECT_THROW(spread_insert("INSERT INTO t VALUES (?, ?)", {list({"1", "2"})}), SqlError) << "a bind too few";
  EXPECT_THROW(spread_insert("INSERT INTO t VALUES (?)", {list({})}), SqlError) << "no rows";
}

}  // namespace
}  // namespace imednet::sandbox::snowflake
