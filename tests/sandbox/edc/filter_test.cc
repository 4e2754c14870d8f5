#include "sandbox/edc/filter.h"

#include <gmock/gmock.h>

#include "sandbox/edc/predicate.h"
#include "sandbox/edc/request_error.h"

namespace imednet::sandbox::edc {
namespace {

Filter parse(const std::string& text) { return parse_filter(text, FilterDialect::kAttributes); }
Filter parse_data(const std::string& text) { return parse_filter(text, FilterDialect::kRecordData); }

const Resource& records() { return *find_resource("records"); }

TEST(Filter, AbsentLetsEverythingPass) { EXPECT_TRUE(parse("").empty()); }

TEST(Filter, ReadsEveryOperator) {
  const std::vector<std::pair<std::string, Comparison>> spellings{{"<", Comparison::kLess},    {"<=", Comparison::kLessOrEqual},
                                                                  {">", Comparison::kGreater}, {">=", Comparison::kGreaterOrEqual},
                                                                  {"==", Comparison::kEqual},  {"!=", Comparison::kNotEqual}};
  for (const auto& [spelling, comparison] : spellings) {
    const Filter filter = parse("recordId" + spelling + "7");
    ASSERT_EQ(filter.any_of.size(), 1u) << spelling;
    EXPECT_EQ(filter.any_of[0][0].comparison, comparison) << spelling;
    EXPECT_EQ(filter.any_of[0][0].value, "7") << spelling;
  }
  EXPECT_EQ(parse_data("aeterm=~head").any_of[0][0].comparison, Comparison::kContains);
}

TEST(Filter, AndBindsTighterThanOr) {
  const Filter filter = parse("formKey==AE;siteId==701,recordId>5;deleted==false");
  ASSERT_EQ(filter.any_of.size(), 2u);
  EXPECT_EQ(filter.any_of[0].size(), 2u);
  EXPECT_EQ(filter.any_of[1].size(), 2u);
  EXPECT_EQ(filter.any_of[1][0].attribute, "recordId");
}

TEST(Filter, WordsJoinToo) {
  EXPECT_EQ(parse("formKey==AE and siteId==701").any_of.size(), 1u);
  EXPECT_EQ(parse("formKey==AE or siteId==701").any_of.size(), 2u);
}

TEST(Filter, ReadsValues) {
  EXPECT_EQ(parse("recordStatus==Record Complete").any_of[0][0].value, "Record Complete");
  EXPECT_EQ(parse(R"(recordStatus=="a;b,c and \"d\" \\")").any_of[0][0].value, R"(a;b,c and "d" \)");
  EXPECT_EQ(parse(R"(recordStatus=="")").any_of[0][0].value, "");
  EXPECT_EQ(parse("dateModified>=2024-01-01T00:00:00Z").any_of[0][0].value, "2024-01-01T00:00:00Z");
  EXPECT_EQ(parse_data("Pain Level==Bad").any_of[0][0].attribute, "Pain Level");
}

struct Refused {
  const char* text;
  FilterDialect dialect;
};

class RefusedFilter : public testing::TestWithParam<Refused> {};

TEST_P(RefusedFilter, IsCode1000WithTheParameterNamed) {
  try {
    parse_filter(GetParam().text, GetParam().dialect);
    FAIL() << "accepted: " << GetParam().text;
  } catch (const RequestError& error) {
    EXPECT_EQ(error.status, 400);
    EXPECT_EQ(error.code, "1000");
    EXPECT_EQ(error.attribute, parameter_name(GetParam().dialect));
    EXPECT_EQ(error.value, GetParam().text);
  }
}

constexpr auto kPlain = FilterDialect::kAttributes;
constexpr auto kData = FilterDialect::kRecordData;

INSTANTIATE_TEST_SUITE_P(Grammar, RefusedFilter,
                         testing::Values(Refused{"formKey==AE;formKey==DM", kPlain}, Refused{"formKey==AE,formKey==DM", kPlain},
                                         Refused{"formId > 10", kPlain}, Refused{"formId> 10", kPlain}, Refused{"formId=10", kPlain},
                                         Refused{"formId", kPlain}, Refused{"==10", kPlain}, Refused{"formId==", kPlain},
                                         Refused{"formId==10;", kPlain}, Refused{";formId==10", kPlain}, Refused{"formId===10", kPlain},
                                         Refused{"formKey==\"AE", kPlain}, Refused{"formKey==\"AE\"x", kPlain},
                                         Refused{"formKey=~AE", kPlain}, Refused{"formId!10", kPlain}, Refused{" ", kPlain},
                                         Refused{"a==1;b==2,c==3", kData}, Refused{"a==1,b==2;c==3", kData}, Refused{"a==1;a==2", kData},
                                         Refused{"a =~ x", kData}));

TEST(Binding, RefusesWhatTheResourceDoesNotHave) {
  for (const char* text :
       {"formIds==1", "FormKey==AE", "recordData==x", "recordId==abc", "recordId==1.5", "recordId==99999999999999999999", "deleted==maybe",
        "dateModified>2018", "dateModified>2018-01-01 00:00:00", "dateModified>2018-02-30T00:00:00Z"}) {
    EXPECT_THROW(bind_filter(parse(text), records()), RequestError) << text;
  }
}

bool integer_matches(const std::string& text, std::int64_t number) {
  return bind_filter(parse("recordId" + text), records())[0][0].matches({true, number, {}});
}

bool text_matches(const std::string& text, std::string_view value) {
  return bind_filter(parse("formKey" + text), records())[0][0].matches({true, 0, value});
}

TEST(Binding, ComparesByKind) {
  EXPECT_TRUE(integer_matches(">9", 10));  // not as text
  EXPECT_FALSE(integer_matches(">10", 10));
  EXPECT_TRUE(integer_matches(">=10", 10));
  EXPECT_TRUE(integer_matches("<=10", 10));
  EXPECT_FALSE(integer_matches("<10", 10));
  EXPECT_TRUE(integer_matches("!=10", 11));
  EXPECT_TRUE(integer_matches("==-3", -3));
  EXPECT_TRUE(text_matches("==AE", "AE"));
  EXPECT_FALSE(text_matches("==ae", "AE"));
  EXPECT_TRUE(text_matches(">9", "AE"));
}

TEST(Binding, ReadsStampsWithAnyOffset) {
  const auto noon = bind_filter(parse("dateModified==2020-01-01T12:00:00Z"), records())[0][0].number;
  EXPECT_EQ(bind_filter(parse("dateModified==2020-01-01T06:00:00-06:00"), records())[0][0].number, noon);
  EXPECT_EQ(bind_filter(parse("dateModified==\"2020-01-01T13:30:00+01:30\""), records())[0][0].number, noon);
  const Resource& visits = *find_resource("visits");
  EXPECT_NO_THROW(bind_filter(parse("visitDate>=2020-01-01"), visits));
  EXPECT_THROW(bind_filter(parse("visitDate>=2020-01-01T00:00:00Z"), visits), RequestError);
}

TEST(Binding, AbsentValueOnlyDiffers) {
  EXPECT_TRUE(bind_filter(parse("recordId!=1"), records())[0][0].matches({}));
  EXPECT_FALSE(bind_filter(parse("recordId==1"), records())[0][0].matches({}));
  EXPECT_FALSE(bind_filter(parse("recordId<1"), records())[0][0].matches({}));
}

bool data_matches(const std::string& text, const std::optional<std::string>& value) {
  return bind_data_filter(parse_data("x" + text))[0][0].matches(value);
}

TEST(DataTerm, ComparesTextAndNumbers) {
  EXPECT_TRUE(data_matches("==63", "63"));
  EXPECT_FALSE(data_matches("==63", "063"));
  EXPECT_TRUE(data_matches(">9", "098.1"));
  EXPECT_FALSE(data_matches(">9", ""));
  EXPECT_TRUE(data_matches(">2013-01-01", "2013-06"));
  EXPECT_TRUE(data_matches("!=a", std::nullopt));
  EXPECT_FALSE(data_matches("==a", std::nullopt));
}

TEST(DataTerm, ContainsIsARegularExpressionWithoutCase) {
  EXPECT_TRUE(data_matches("=~HEAD", "A headache"));
  EXPECT_TRUE(data_matches("=~\"^a.*ache$\"", "A headache"));
  EXPECT_FALSE(data_matches("=~tooth", "A headache"));
  EXPECT_THROW(data_matches("=~\"(\"", "x"), RequestError);
  EXPECT_THROW(data_matches("=~" + std::string(300, 'a'), "x"), RequestError);
  EXPECT_TRUE(data_matches("=~a+b*c*", std::string(1'000'000, 'a')));  // long texts do not overflow the stack
}

}  // namespace
}  // namespace imednet::sandbox::edc
