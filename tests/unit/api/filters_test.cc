// Filters as the API's grammar has them, and what can't be said in it.
#include "imednet/filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imednet::filters {
namespace {

using std::chrono::sys_days;
using testing::HasSubstr;
using testing::Not;

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const errors::FilterError& error) {
    EXPECT_EQ(error.code(), errors::ErrorCode::invalid_argument);
    return error.what();
  }
  return "nothing was refused";
}

TEST(Filters, EachOperatorIsWritten) {
  EXPECT_EQ((attribute("formKey") == "AE").text(), "formKey==AE");
  EXPECT_EQ((attribute("formKey") != "AE").text(), "formKey!=AE");
  EXPECT_EQ((attribute("recordId") < 7).text(), "recordId<7");
  EXPECT_EQ((attribute("recordId") <= 7).text(), "recordId<=7");
  EXPECT_EQ((attribute("recordId") > std::int64_t{1} << 40).text(), "recordId>1099511627776");
  EXPECT_EQ((attribute("recordId") >= -1).text(), "recordId>=-1");
  EXPECT_EQ(answer("AESER").contains("yes").text(), "AESER=~yes");
}

TEST(Filters, ValuesAreWrittenAsTheApiTakesThem) {
  EXPECT_EQ((attribute("deleted") == false).text(), "deleted==false");
  EXPECT_EQ((answer("TEMP") > 37.25).text(), "TEMP>37.25");
  EXPECT_EQ((attribute("siteName") == "").text(), "siteName==\"\"");
  EXPECT_EQ((attribute("subjectKey") == "01-001").text(), "subjectKey==01-001");
  EXPECT_EQ((attribute("recordStatus") == "Record Complete").text(), "recordStatus==\"Record Complete\"");
  EXPECT_EQ((attribute("siteName") == "a;b,c==d").text(), "siteName==\"a;b,c==d\"") << "an operator in a value is none";
  EXPECT_EQ((attribute("siteName") == "Universität").text(), "siteName==\"Universität\"");
  EXPECT_EQ((answer("Pain Level") == "3").text(), "Pain Level==3");
}

TEST(Filters, TimesAreInUtcAndCutToTheSecond) {
  const auto noon = sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(12);
  EXPECT_EQ((attribute("dateModified") >= noon).text(), "dateModified>=2026-01-31T12:00:00Z");
  EXPECT_EQ((attribute("dateModified") >= noon + std::chrono::microseconds(1'999'999)).text(), "dateModified>=2026-01-31T12:00:01Z");
  EXPECT_EQ((attribute("dateModified") >= "2026-01-31 12:00:00").text(), "dateModified>=2026-01-31T12:00:00Z") << "as answers have it";
  EXPECT_EQ((attribute("dateCoded") < "2026-01-31T12:00:00-06:00").text(), "dateCoded<2026-01-31T12:00:00-06:00") << "as filters have it";
  EXPECT_EQ((attribute("visitDate") == std::chrono::year(2026) / 1 / 31).text(), "visitDate==2026-01-31");
  EXPECT_THAT(refusal([] { attribute("dateCreated") > "2018"; }), HasSubstr("dateCreated is a time, and its value is none"));
  EXPECT_EQ((answer("dateCreated") == "2018").text(), "dateCreated==2018") << "a variable may have any name";
}

TEST(Filters, ConditionsAreJoined) {
  const auto form = attribute("formKey") == "AE", site = attribute("siteId") == 3, gone = attribute("deleted") == true;
  EXPECT_EQ((form && site && gone).text(), "formKey==AE;siteId==3;deleted==true");
  EXPECT_EQ((form || site || gone).text(), "formKey==AE,siteId==3,deleted==true");
  const std::string text = form && site;
  EXPECT_EQ(text, "formKey==AE;siteId==3");
}

TEST(Filters, WhatTheGrammarCannotSayIsRefused) {
  const auto form = attribute("formKey") == "AE", site = attribute("siteId") == 3, gone = attribute("deleted") == true;
  const auto serious = answer("AESER") == "Yes", rash = answer("AETERM").contains("rash"), mild = answer("AESEV") == "MILD";
  EXPECT_THAT(refusal([&] { (form || site) && gone; }), HasSubstr("\"or\" stands within an \"and\""));
  EXPECT_THAT(refusal([&] { (form && site) || gone; }), HasSubstr("\"and\" and \"or\" stand in it together"))
      << "formKey==AE;siteId==3,deleted==true has two readings";
  EXPECT_THAT(refusal([&] { gone || (form && site); }), HasSubstr("\"and\" and \"or\" stand in it together"));
  EXPECT_THAT(refusal([&] { (serious && rash) || mild; }), HasSubstr("\"and\" and \"or\" stand in it together"));
  EXPECT_THAT(refusal([&] { attribute("dateModified") >= "2026-01-01 00:00:00" && attribute("dateModified") < "2026-02-01 00:00:00"; }),
              HasSubstr("dateModified stands in it twice"));
  EXPECT_THAT(refusal([&] { form || (attribute("formKey") == "DM"); }), HasSubstr("formKey stands in it twice"));
}

TEST(Filters, NothingBreaksOutOfItsPlace) {
  for (const char* value : {"a\"b", "a\\b", "a\nb", "\x7f"}) {
    const std::string said = refusal([&] { attribute("siteName") == value; });
    EXPECT_THAT(said, HasSubstr("the value for siteName has a quote, a backslash or a control character"));
    EXPECT_THAT(said, Not(HasSubstr("a\"b")));
  }
  EXPECT_THAT(refusal([] { attribute("siteName") == std::string_view("a\0b", 3); }), HasSubstr("control character"));
  for (const char* name : {"", " ", "a b", "a;b", "a==b", "a\"", "näme"})
    EXPECT_THAT(refusal([&] { attribute(name); }), HasSubstr("no name")) << name;
  for (const char* name : {"", " a", "a ", "a;b", "a=b", "a,b"}) EXPECT_THAT(refusal([&] { answer(name); }), HasSubstr("no name")) << name;
  EXPECT_THAT(refusal([] { answer("TEMP") == std::numeric_limits<double>::infinity(); }), HasSubstr("no finite number"));
  EXPECT_THAT(refusal([] { attribute("visitDate") == std::chrono::year(2026) / 2 / 30; }), HasSubstr("no day"));
}

}  // namespace
}  // namespace imednet::filters
