#include "core/stamp.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

namespace imednet::core {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// The other way to the same moment: the calendar of the standard library.
std::int64_t moment(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0, std::int64_t micros = 0) {
  const sys_days date = year_month_day{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  return (date.time_since_epoch() + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
          microseconds(micros))
      .count();
}

struct Readable {
  const char* name;
  const char* text;
  std::int64_t micros;
};

class ReadableStamp : public testing::TestWithParam<Readable> {};

TEST_P(ReadableStamp, IsThatMoment) { EXPECT_EQ(parse_stamp(GetParam().text), GetParam().micros) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(Shapes, ReadableStamp,
                         testing::Values(Readable{"Epoch", "1970-01-01 00:00:00", 0},
                                         Readable{"Plain", "2024-11-04 16:03:19", 1'730'736'199'000'000},
                                         Readable{"LetterT", "2024-11-04T16:03:19", 1'730'736'199'000'000},
                                         Readable{"LetterZ", "2024-11-04T16:03:19Z", 1'730'736'199'000'000},
                                         Readable{"BlankAndZ", "2024-11-04 16:03:19Z", 1'730'736'199'000'000},
                                         Readable{"BeforeEpoch", "1969-12-31 23:59:59", -1'000'000},
                                         Readable{"FractionBeforeEpoch", "1969-12-31 23:59:59.25", -750'000}),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(Offsets, ReadableStamp,
                         testing::Values(Readable{"West", "1970-01-01T00:00:00-06:00", 21'600'000'000},
                                         Readable{"East", "1970-01-01T00:00:00+05:30", -19'800'000'000},
                                         Readable{"NoColon", "1970-01-01T00:00:00-0600", 21'600'000'000},
                                         Readable{"Zero", "1970-01-01T00:00:00+00:00", 0},
                                         Readable{"MinusZero", "1970-01-01T00:00:00-00:00", 0},
                                         Readable{"Widest", "1970-01-01T00:00:00-23:59", 86'340'000'000},
                                         Readable{"IntoTheNextYear", "2023-12-31T23:00:00-01:00", 1'704'067'200'000'000},
                                         Readable{"WithFraction", "1970-01-01T00:00:00.5+00:01", -59'500'000}),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(Fractions, ReadableStamp,
                         testing::Values(Readable{"OneDigit", "1970-01-01 00:00:00.1", 100'000},
                                         Readable{"Millis", "1970-01-01 00:00:00.123", 123'000},
                                         Readable{"Micros", "1970-01-01 00:00:00.000001", 1},
                                         Readable{"FinerIsCut", "1970-01-01 00:00:00.9999999", 999'999},
                                         Readable{"NanosAreCutNotRounded", "1970-01-01 00:00:00.123456789", 123'456},
                                         Readable{"ManyDigits", "1970-01-01 00:00:00.50000000000000000000000000000001", 500'000},
                                         Readable{"ZeroFraction", "1970-01-01 00:00:00.0Z", 0}),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(Calendar, ReadableStamp,
                         testing::Values(Readable{"LeapDay", "2024-02-29 00:00:00", moment(2024, 2, 29)},
                                         Readable{"LeapDayOfTheCentury", "2000-02-29 00:00:00", moment(2000, 2, 29)},
                                         Readable{"FirstSecond", "0001-01-01 00:00:00", -62'135'596'800'000'000},
                                         Readable{"LastMicrosecond", "9999-12-31 23:59:59.999999", 253'402'300'799'999'999},
                                         Readable{"OffsetBackIntoTheYears", "9999-12-31 23:59:59+01:00", 253'402'297'199'000'000}),
                         [](const auto& test) { return test.param.name; });

class UnreadableStamp : public testing::TestWithParam<const char*> {};

TEST_P(UnreadableStamp, IsNothing) { EXPECT_EQ(parse_stamp(GetParam()), std::nullopt) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(Shapes, UnreadableStamp,
                         testing::Values("", " ", "2024", "2024-11-04", "2024-11-04 16:03", "2024-11-04 16:03:1", "2024-11-04_16:03:19",
                                         "2024/11/04 16:03:19", "24-11-04 16:03:19", "2024-1-04 16:03:19", "2024-11-4 16:03:19",
                                         "2024-11-04 6:03:19", "2024-11-04  16:03:19", " 2024-11-04 16:03:19", "2024-11-04 16:03:19 ",
                                         "2024-11-04 16:03:19x", "2024-11-04 16:03:19\n", "+2024-11-04 16:03:19", "-001-11-04 16:03:19",
                                         "20241-11-04 16:03:19", "2024-11-04 16-03-19", "11/04/2024 16:03:19", "UNK-UN-UN 00:00:00", "null",
                                         "2024-11-04 16:03:1\xD9\xA9"));

INSTANTIATE_TEST_SUITE_P(Calendar, UnreadableStamp,
                         testing::Values("2023-02-29 00:00:00", "1900-02-29 00:00:00", "2024-02-30 00:00:00", "2024-04-31 00:00:00",
                                         "2024-00-10 00:00:00", "2024-13-10 00:00:00", "2024-01-00 00:00:00", "2024-01-32 00:00:00",
                                         "2024-01-01 24:00:00", "2024-01-01 23:60:00", "2024-12-31 23:59:60", "0000-01-01 00:00:00",
                                         "0001-01-01 00:00:00+00:01", "9999-12-31 23:59:59-00:01"));

INSTANTIATE_TEST_SUITE_P(Fractions, UnreadableStamp,
                         testing::Values("2024-11-04 16:03:19.", "2024-11-04 16:03:19.Z", "2024-11-04 16:03:19.-5", "2024-11-04 16:03:19,5",
                                         "2024-11-04 16:03:19.5.5"));

INSTANTIATE_TEST_SUITE_P(Offsets, UnreadableStamp,
                         testing::Values("2024-11-04 16:03:19+", "2024-11-04 16:03:19+06", "2024-11-04 16:03:19+6:00",
                                         "2024-11-04 16:03:19+06:0", "2024-11-04 16:03:19+24:00", "2024-11-04 16:03:19+06:60",
                                         "2024-11-04 16:03:19 +06:00", "2024-11-04 16:03:19+06:00Z", "2024-11-04 16:03:19ZZ",
                                         "2024-11-04 16:03:19+06:00:00", "2024-11-04 16:03:19 UTC", "2024-11-04 16:03:19+-6:00"));

TEST(Stamp, AByteOfZeroInsideIsNoStamp) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_stamp("2024-11-04 16:03:19\0"sv), std::nullopt);
  EXPECT_EQ(parse_stamp("2024-11-04\0"
                        "16:03:19"sv),
            std::nullopt);
}

// One walk through the calendar; 13 days a step meet every day of every month.
TEST(StampProperty, TheYears0001To9999AreReadWithoutAGap) {
  std::int64_t wanted = moment(1, 1, 1);
  const sys_days end = sys_days(year_month_day{std::chrono::year(9999), std::chrono::month(12), std::chrono::day(31)});
  for (sys_days day = year_month_day{std::chrono::year(1), std::chrono::month(1), std::chrono::day(1)}; day <= end; day += days(13)) {
    const year_month_day date(day);
    const std::string text = fmt::format("{:04}-{:02}-{:02} 00:00:00", int(date.year()), unsigned(date.month()), unsigned(date.day()));
    ASSERT_EQ(parse_stamp(text), wanted) << text;
    wanted += 13 * 86'400'000'000;
  }
}

TEST(StampProperty, AgreesWithTheStandardCalendar) {
  std::mt19937 random(20260115);
  const auto below = [&random](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  int unreadable = 0;
  for (int i = 0; i < 20'000; ++i) {
    const int year = 2 + below(9997), hour = below(24), minute = below(60), second = below(60);
    const auto month = static_cast<unsigned>(below(14)), day = static_cast<unsigned>(below(33));
    const int micros = below(1'000'000), east = below(2 * 24 * 60 - 1) - (24 * 60 - 1);
    const std::string text =
        fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:06}{}{:02}{}{:02}", year, month, day, below(2) == 0 ? ' ' : 'T', hour, minute,
                    second, micros, east < 0 ? '-' : '+', std::abs(east) / 60, below(2) == 0 ? ":" : "", std::abs(east) % 60);
    const year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok()) {
      ++unreadable;
      ASSERT_EQ(parse_stamp(text), std::nullopt) << text;
    } else {
      ASSERT_EQ(parse_stamp(text), moment(year, month, day, hour, minute, second, micros) - east * 60'000'000LL) << text;
    }
  }
  EXPECT_GT(unreadable, 1'000);
  EXPECT_LT(unreadable, 10'000);
}

// A stamp with one character changed is read as what it says or not at all.
TEST(StampProperty, DamageNeverReadsAsAnotherShape) {
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "0123456789-:. TZ+x";
  const std::string whole = "2024-11-04 16:03:19";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = whole;
    text[random() % text.size()] = kBytes[random() % kBytes.size()];
    const auto read = parse_stamp(text);
    if (!read) continue;
    const auto second = std::chrono::sys_time<microseconds>(microseconds(*read));
    const sys_days day = std::chrono::floor<days>(second);
    const year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    std::string again = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()),
                                    time.hours().count(), time.minutes().count(), time.seconds().count());
    if (text[10] == 'T') again[10] = 'T';
    ASSERT_EQ(again, text);
  }
}

TEST(WrittenStamp, IsReadAsItself) {
  EXPECT_EQ(format_stamp(0), "1970-01-01 00:00:00");
  EXPECT_EQ(format_stamp(-1), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(format_stamp(1'705'311'000'000'001), "2024-01-15 09:30:00.000001");
  for (const char* text : {"0001-01-01 00:00:00", "9999-12-31 23:59:59", "2024-02-29 23:59:59.123456", "1900-03-01 00:00:00.1"}) {
    const auto micros = parse_stamp(text);
    ASSERT_TRUE(micros) << text;
    EXPECT_EQ(parse_stamp(format_stamp(*micros)), micros) << text;
  }
}

}  // namespace
}  // namespace imednet::core
