#include "core/answer_values.h"

#include <gtest/gtest.h>

#include <cmath>

namespace imednet::core {
namespace {

TEST(AnswerValues, NumbersAreTakenWhenADoubleGivesThemBack) {
  const std::pair<const char*, double> kNumbers[] = {{"63", 63},
                                                     {"098.1", 98.1},
                                                     {"1.50", 1.5},
                                                     {"-0.25", -0.25},
                                                     {"1e3", 1000},
                                                     {"0.1", 0.1},
                                                     {".5", 0.5},
                                                     {"5.", 5},
                                                     {"00", 0},
                                                     {"-0", 0},
                                                     {"1E-7", 1e-7},
                                                     {"1e+2", 100},
                                                     {"7.418453474970362e+16", 7.418453474970362e+16},
                                                     {"0.30000000000000004", 0.30000000000000004},
                                                     {"123456789012345680", 123456789012345680.0}};
  for (const auto& [text, number] : kNumbers) EXPECT_EQ(parse_number(text), number) << text;
  EXPECT_FALSE(std::signbit(*parse_number("-0")));
  for (const char* text : {"", " 1", "1 ", "+1", "1,5", "0x10", "nan", "inf", "1e999", "1e", "-", ".", "1.2.3", "12345678901234567890",
                           "0.1234567890123456789", "< 5", "1e-999", "1e99999999999", "9223372036854775808"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(AnswerValues, ANumbersTextIsTheShortest) {
  EXPECT_EQ(number_text(63), "63");
  EXPECT_EQ(number_text(98.1), "98.1");
  EXPECT_EQ(number_text(-0.25), "-0.25");
}

TEST(AnswerValues, FlagsAreFewWords) {
  for (const char* text : {"true", "True", "TRUE", "1"}) EXPECT_EQ(parse_flag(text), true) << text;
  for (const char* text : {"false", "FALSE", "0"}) EXPECT_EQ(parse_flag(text), false) << text;
  for (const char* text : {"", "yes", "on", "1`3", "tru", "2", "truee"}) EXPECT_EQ(parse_flag(text), std::nullopt) << text;
}

TEST(AnswerValues, DatesAreOfTheCalendarAndWhole) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("1969-12-31"), -1);
  EXPECT_EQ(parse_date("2024-02-29"), 19'782);
  for (const char* text : {"", "2023-02-29", "2013-12", "2013", "UN-DEC-2013", "2013-12-2x", "2013-1-1", "2013-12-26 ", "0000-01-01"})
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
}

TEST(AnswerValues, MomentsHaveATimeAndNoZone) {
  EXPECT_EQ(parse_moment("1970-01-01 00:00:01"), 1'000'000);
  EXPECT_EQ(parse_moment("1970-01-01T00:01"), 60'000'000);
  EXPECT_EQ(parse_moment("1970-01-01 00:00:00.000001"), 1);
  for (const char* text : {"", "1970-01-01", "1970-01-01 00", "1970-01-01 00:00:00Z", "1970-01-01 00:00:00+01:00", "1970-01-01 00:00:00.",
                           "1970-01-01 00:00:00.0000001", "1970-01-01 24:00:00"})
    EXPECT_EQ(parse_moment(text), std::nullopt) << text;
}

}  // namespace
}  // namespace imednet::core
