#include "pipeline/html_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/bar_chart.h"

namespace imednet::pipeline {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HtmlText, EscapesWhatHasAMeaningThere) {
  EXPECT_EQ(html_text("a<b>&\"c'\n\t"), "a&lt;b&gt;&amp;&quot;c&#39;\n\t");
  EXPECT_EQ(html_text("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(html_text(""), "");
}

TEST(HtmlText, ReplacesWhatIsNoText) {
  EXPECT_EQ(html_text("\xFF"), "\xEF\xBF\xBD");
  EXPECT_EQ(html_text("a\xC3"), "a\xEF\xBF\xBD");
  EXPECT_EQ(html_text(std::string_view("\0\x1b\x7f", 3)), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(HtmlText, ShortensByCharactersAndNeverInsideOne) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc\xE2\x80\xA6");
  EXPECT_EQ(shortened("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9\xE2\x80\xA6");
}

TEST(HtmlText, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(-1'234'567), "-1,234,567");
  EXPECT_EQ(grouped(-123), "-123");
  EXPECT_EQ(grouped(INT64_MIN), "-9,223,372,036,854,775,808");
}

TEST(HtmlText, TellsTimesAndSizes) {
  EXPECT_EQ(duration_text(0.004), "0.00 s");
  EXPECT_EQ(duration_text(12.34), "12.3 s");
  EXPECT_EQ(duration_text(125), "2 min 05 s");
  EXPECT_EQ(duration_text(3'725), "1 h 02 min");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1'500), "1.5 kB");
  EXPECT_EQ(bytes_text(3'200'000'000), "3.2 GB");
  EXPECT_EQ(bytes_text(9'000'000'000'000'000), "9000.0 TB");
}

TEST(HtmlText, LeavesCountsAndTakesIds) {
  EXPECT_EQ(without_record_ids("the record after 17 is larger"), "the record after \xE2\x80\xA6 is larger");
  EXPECT_EQ(without_record_ids("of 15 records 4 were inserted, records read is 9"), "of 15 records 4 were inserted, records read is 9");
}

TEST(BarChart, TheLongestBarTakesTheWidthAndTheOthersTheirShare) {
  const std::string svg = bar_chart("c", "T<i>tle", {{"A", 100, "100"}, {"B", 25, "25"}, {"C<", 0, "none"}});
  EXPECT_THAT(svg, HasSubstr("width=\"440.0\""));
  EXPECT_THAT(svg, HasSubstr("width=\"110.0\""));
  EXPECT_THAT(svg, HasSubstr("width=\"1.0\""));
  EXPECT_THAT(svg, HasSubstr("T&lt;i&gt;tle"));
  EXPECT_THAT(svg, Not(HasSubstr("C<<")));
  EXPECT_THAT(svg, HasSubstr("aria-labelledby=\"c-title\""));
}

TEST(BarChart, OfNothingIsAnEmptyDrawing) { EXPECT_THAT(bar_chart("c", "T", {{"A", 0, "0"}}), Not(HasSubstr("nan"))); }

}  // namespace
}  // namespace imednet::pipeline
