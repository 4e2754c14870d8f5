#include "table/column_names.h"

#include <gtest/gtest.h>

namespace imednet::table {
namespace {

bool is_record_id(std::string_view folded) { return folded == "record_id"; }

std::string safe(std::string_view variable, std::size_t bytes = kNameBytes) {
  return column_name(variable, &is_record_id, {.bytes = bytes, .is_safe = true});
}

TEST(ColumnNames, ANameStaysAsItIsButForOurs) {
  EXPECT_EQ(column_name("IT.AGE", &is_record_id, {}), "IT.AGE");
  EXPECT_EQ(column_name("Record_ID", &is_record_id, {}), "v_Record_ID");
  EXPECT_EQ(column_name("order", &is_record_id, {}), "order");
}

TEST(ColumnNames, SafeNamesNeedNoQuotes) {
  EXPECT_EQ(safe("IT.AGE"), "IT_AGE");
  EXPECT_EQ(safe("Pain Level"), "PAIN_LEVEL");
  EXPECT_EQ(safe("_x$y"), "_X_Y");
  EXPECT_EQ(safe("gr\xC3\xB6\xC3\x9F"
                 "e"),
            "GR__E");  // one "_" a character, not a byte
  EXPECT_EQ(safe("\xF0\x9F\x98\x80"), "_");
}

TEST(ColumnNames, WhatSnowflakeOrWeKeepForOurselvesIsRenamed) {
  EXPECT_EQ(safe("order"), "V_ORDER");
  EXPECT_EQ(safe("Values"), "V_VALUES");
  EXPECT_EQ(safe("2nd dose"), "V_2ND_DOSE");
  EXPECT_EQ(safe("record.id"), "V_RECORD_ID");
  EXPECT_EQ(safe("ordering"), "ORDERING");
}

TEST(ColumnNames, ALongNameKeepsItsBeginningAndAHashOfAll) {
  const std::string one = safe(std::string(300, 'a')), other = safe(std::string(301, 'a'));
  EXPECT_EQ(one.size(), kNameBytes);
  EXPECT_EQ(one.substr(0, 246), std::string(246, 'A'));
  EXPECT_EQ(one[246], '_');
  EXPECT_EQ(one.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), std::string::npos);
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace imednet::table
