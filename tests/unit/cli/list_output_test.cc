// Elements as lines: what CSV and JSON must not alter, what a table must not say to a terminal, which fields are meant.
#include "cli/list_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "cli/display_text.h"
#include "cli/list_fields.h"
#include "cli/text_table.h"
#include "imednet/errors.h"

namespace imednet::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string_view> kKnown = {"siteId", "siteName", "dateCreated"};

// What the elements become on standard output.
std::string listed(ListFormat format, const std::vector<std::string>& fields, const std::vector<std::string>& elements,
                   bool is_guarded = false, std::size_t width = 0) {
  testing::internal::CaptureStdout();
  const auto output = make_list_output(
      {.format = format, .fields = FieldChoice(fields, kKnown), .is_for_spreadsheets = is_guarded, .width = width, .has_colour = false});
  try {
    for (const std::string& element : elements) EXPECT_TRUE(output->add(element));
    EXPECT_TRUE(output->finish());
  } catch (...) {
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "") << "nothing is printed before the fields are known";
    throw;
  }
  return testing::internal::GetCapturedStdout();
}

TEST(ListOutputTest, CsvAltersNoValue) {
  const std::vector<std::string> elements = {R"({"siteId":-1.50,"siteName":"-1.5"})", R"({"siteId":"007","siteName":"=1+1"})",
                                             R"({"siteId":null,"siteName":"a \"b\", c\nd"})", R"({"siteName":""})"};
  EXPECT_EQ(listed(ListFormat::csv, {"siteId", "siteName"}, elements),
            "site_id,site_name\n-1.50,-1.5\n007,=1+1\n,\"a \"\"b\"\", c\nd\"\n,\"\"\n");
  EXPECT_EQ(listed(ListFormat::csv, {"siteId"}, {R"({"siteId":null})", R"({"siteId":""})"}), "site_id\n\"\"\n\"\"\n");
  EXPECT_EQ(listed(ListFormat::csv, {"siteId"}, {}), "site_id\n");
}

TEST(ListOutputTest, SpreadsheetsGetAnApostropheBeforeAFormulaOnly) {
  const std::vector<std::string> elements = {R"({"siteId":-1.5,"siteName":"=1+1"})", R"({"siteId":"-1.5","siteName":"-1+1"})",
                                             R"({"siteId":"@a","siteName":"+1"})", R"({"siteId":"\ta","siteName":"-"})"};
  EXPECT_EQ(listed(ListFormat::csv, {"siteId", "siteName"}, elements, true),
            "site_id,site_name\n-1.5,\"'=1+1\"\n-1.5,\"'-1+1\"\n\"'@a\",\"'+1\"\n\"'\ta\",\"'-\"\n");
}

TEST(ListOutputTest, JsonIsAsItWasSentOnOneLine) {
  const std::string element = "{\"siteId\" : 1.50,\r\n\"siteName\":\"\\u00e9\",\"more\":[1, 2]}";
  EXPECT_EQ(listed(ListFormat::ndjson, {}, {element}), "{\"siteId\" : 1.50,  \"siteName\":\"\\u00e9\",\"more\":[1, 2]}\n");
  EXPECT_EQ(listed(ListFormat::json, {"siteName", "siteId", "dateCreated"}, {element, "{}"}),
            "[\n{\"siteName\":\"\\u00e9\",\"siteId\":1.50},\n{}\n]\n");
  EXPECT_EQ(listed(ListFormat::json, {}, {}), "[\n]\n");
  EXPECT_EQ(listed(ListFormat::ndjson, {"a\"b\\"}, {R"({"a\"b\\":1})"}), "{\"a\\\"b\\\\\":1}\n");
}

TEST(ListOutputTest, AnUnclosedArrayIsNoList) {
  testing::internal::CaptureStdout();
  const auto output = make_list_output({.format = ListFormat::json, .fields = FieldChoice({}, kKnown)});
  EXPECT_TRUE(output->add(R"({"siteId":1})"));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "[\n{\"siteId\":1}");
}

TEST(ListOutputTest, ATableHoldsItsFirstRowsAndKeepsTheirWidths) {
  std::vector<std::string> elements(200, R"({"siteId":7,"siteName":"short"})");
  elements.push_back(R"({"siteId":1234567,"siteName":"longer than those before"})");
  const std::string table = listed(ListFormat::table, {"siteId", "siteName"}, elements, false, 20);
  EXPECT_THAT(table, testing::StartsWith("siteId  siteName\n     7  short\n"));
  EXPECT_THAT(table, testing::EndsWith("     7  short\n12345…  longer than…\n"));
}

TEST(ListOutputTest, ATableSaysNothingToTheTerminal) {
  const std::string table = listed(ListFormat::table, {"siteName"}, {R"({"siteName":"\u001b[2J\u009b1m\u202eab\nc\u0007"})"});
  EXPECT_EQ(table, "siteName\n\\x1b[2J\\u009b1m\\u202eab\\nc\\x07\n");
}

TEST(ListOutputTest, AFieldThatNobodyKnowsIsLookedForInWhatComes) {
  EXPECT_EQ(listed(ListFormat::csv, {"new_field", "siteId"}, {R"({"siteId":1})", R"({"siteId":2,"newField":"x"})"}),
            "new_field,site_id\n,1\nx,2\n");
  EXPECT_EQ(listed(ListFormat::csv, {"newField"}, {}), "new_field\n") << "an empty list says nothing against a name";
  try {
    listed(ListFormat::csv, {"siteNmae"}, {R"({"siteId":1})"});
    FAIL() << "not refused";
  } catch (const ImednetError& error) {
    EXPECT_EQ(error.code(), errors::ErrorCode::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("siteNmae"));
    EXPECT_EQ(error.hint(), "did you mean siteName? fields: siteId, siteName, dateCreated");
  }
}

TEST(ListFieldsTest, NamesAreTheSameInEitherSpellingAndOnce) {
  EXPECT_THAT(FieldChoice({"site_name", "siteId", "siteName"}, kKnown).names(), ElementsAre("siteName", "siteId"));
  EXPECT_EQ(camel_case("date_created"), "dateCreated");
  EXPECT_EQ(camel_case("a__b_"), "a_B_");
  EXPECT_EQ(snake_case("dateCreated"), "date_created");
}

TEST(ListFieldsTest, OnlyANearNameIsSuggested) {
  EXPECT_EQ(nearest_name("datecreated", kKnown), "dateCreated");
  EXPECT_EQ(nearest_name("date_creatd", kKnown), "dateCreated");
  EXPECT_EQ(nearest_name("weather", kKnown), "");
  EXPECT_EQ(nearest_name("", kKnown), "");
}

TEST(DisplayTextTest, WidthsAreThoseOfATerminal) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("👍"), 2u);
  EXPECT_EQ(cut_to_width("abc", 3), "abc");
  EXPECT_EQ(cut_to_width("abcd", 3), "ab…");
  EXPECT_EQ(cut_to_width("日本語", 5), "日本…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("e\u0301e\u0301", 1), "…");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(DisplayTextTest, WhatIsNoTextIsShownAsBytes) {
  EXPECT_EQ(harmless_text("a\xff\xc2"), "a\\xff\\xc2");
  EXPECT_EQ(harmless_text("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(harmless_text("\xc0\xaf"), "\\xc0\\xaf") << "not the shortest form";
  EXPECT_EQ(harmless_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
  EXPECT_EQ(harmless_text("\x7f\u00a0é"), "\\x7f\u00a0é");
}

TEST(DisplayTextTest, WhateverTheBytesWhatIsShownIsHarmlessAndFits) {
  std::mt19937 random(20'261'130);
  const std::string letters("a\xc2\x9b\xe2\x80\xae\xf0\x9f\x91\x8d\xcc\x81\xff\x1b\n\x7f\xed\xa0\0", 19);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text.push_back(letters[random() % letters.size()]);
    const std::string shown = harmless_text(text);
    EXPECT_EQ(harmless_text(shown), shown) << i;
    for (const std::size_t width : {0u, 1u, 2u, 5u, 50u}) {
      const std::string cut = cut_to_width(shown, width);
      EXPECT_LE(display_width(cut), width) << i;
      EXPECT_EQ(cut == shown, display_width(shown) <= width && (width > 0 || shown.empty())) << i;
    }
  }
}

TEST(TextTableTest, EveryLineFits) {
  const std::vector<std::string> cells = {"12", std::string(50, 'x'), "日本語の患者さん"};
  for (std::size_t width = 1; width < 100; ++width) {
    TextTable table({{"n", true}, {"text"}, {"name"}}, width);
    table.measure(cells);
    table.fit();
    EXPECT_LE(display_width(table.line(cells)), width);
    EXPECT_LE(display_width(table.header()), width);
    EXPECT_EQ(table.left_out() == 0, width >= 18) << width;
  }
}

}  // namespace
}  // namespace imednet::cli
