// Records looked through before they are sent: what is found, that all of it is, and that no answer stands in it.
#include "imednet/record_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace imednet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Variable variable_of(const char* form, const char* name, const char* type) {
  Variable variable;
  variable.variable_type = type;
  variable.variable_name = name;
  variable.form_key = form;
  return variable;
}

Form form_of(std::int64_t id, const char* key) {
  Form form;
  form.form_id = id;
  form.form_key = key;
  return form;
}

std::vector<Form> forms_of_study() {
  std::vector<Form> forms{form_of(1, "AE"), form_of(2, "VS"), form_of(3, "OLD")};
  forms[2].disabled = true;
  return forms;
}

std::vector<Variable> variables_of_study() {
  std::vector<Variable> variables{variable_of("AE", "AETERM", "RADIO"),
                                  variable_of("AE", "AENOTE", "memo"),
                                  variable_of("AE", "AENUM", "Number"),
                                  variable_of("AE", "AESER", "Check-Box"),
                                  variable_of("AE", "AESTDT", "date"),
                                  variable_of("AE", "AETIME", "DateTime"),
                                  variable_of("AE", "AEPART", "Date/Time Precision"),
                                  variable_of("AE", "AEHEAD", "label"),
                                  variable_of("AE", "AENEW", "hologram"),
                                  variable_of("AE", "AEGONE", "text"),
                                  variable_of("AE", "AEOFF", "text"),
                                  variable_of("VS", "TEMP", "number"),
                                  variable_of("OLD", "X", "text")};
  variables[9].deleted = true;
  variables[10].disabled = true;
  return variables;
}

class RecordChecks : public testing::Test {
 protected:
  // What is found, as "variable: what".
  std::vector<std::string> found(const RecordInput& record) const {
    std::vector<std::string> texts;
    for (const RecordFinding& finding : checker.check(std::span(&record, 1)))
      texts.push_back(finding.variable.empty() ? finding.what : finding.variable + ": " + finding.what);
    return texts;
  }
  std::vector<std::string> found(const char* variable, const AnswerValue& answer) const {
    return found(new_record("AE", "01-001", {{variable, answer}}));
  }
  std::string hint(const RecordInput& record) const {
    const auto findings = checker.check(std::span(&record, 1));
    return findings.size() == 1 ? findings[0].hint : "there is not one finding";
  }

  RecordChecker checker{forms_of_study(), variables_of_study()};
};

TEST(OperationOf, FollowsFromWhatIsNamed) {
  const Answers data{{"X", "1"}};
  EXPECT_EQ(operation_of(register_subject("AE", "Site", data)), Operation::register_subject);
  EXPECT_EQ(operation_of(update_scheduled_record("AE", "1", "Visit 1", data)), Operation::update_scheduled_record);
  EXPECT_EQ(operation_of(new_record("AE", "1", data)), Operation::new_record);
  EXPECT_EQ(operation_of({.form_id = 1, .site_id = 2, .data = data}), Operation::register_subject);
  EXPECT_EQ(operation_of({.form_id = 1, .subject_oid = "O", .interval_id = 2, .data = data}), Operation::update_scheduled_record);
  EXPECT_EQ(operation_of({.form_id = 1, .subject_id = 7, .record_id = 9, .data = data}), Operation::update_record);
  EXPECT_EQ(operation_of({.form_key = "AE", .record_oid = "O", .data = data}), Operation::update_record);
  EXPECT_EQ(operation_of({.form_key = "AE", .data = data}), std::nullopt);
  EXPECT_EQ(operation_of({.subject_key = "1", .data = data}), std::nullopt);
}

struct Taken {
  const char* variable;
  AnswerValue answer;
};

TEST_F(RecordChecks, AnswersOfTheVariablesTypeAreTaken) {
  const Taken kTaken[] = {{"AETERM", "Headache"},
                          {"AETERM", std::int64_t{7}},
                          {"AETERM", 7.5},
                          {"AENOTE", "two\nlines\tand a tab \xC3\xA4"},
                          {"AENUM", std::int64_t{-3}},
                          {"AENUM", 37.5},
                          {"AENUM", "37.5"},
                          {"AENUM", "-1e3"},
                          {"AENUM", "0.12345678901234567890"},
                          {"AENUM", ""},
                          {"AENUM", nullptr},
                          {"AENUM", std::int64_t{1} << 53},
                          {"AESER", true},
                          {"AESER", "TRUE"},
                          {"AESER", "0"},
                          {"AESER", "Yes"},
                          {"AESER", std::int64_t{1}},
                          {"AESER", "1`3`4"},
                          {"AESTDT", "2024-02-29"},
                          {"AESTDT", ""},
                          {"AETIME", "2024-02-29 12:30"},
                          {"AETIME", "2024-02-29T12:30:15"},
                          {"AEPART", "2024"},
                          {"AEPART", "2024-UNK-UN"},
                          {"AEPART", "2024-05-01 10:00:00"},
                          {"AENEW", true},
                          {"AENEW", "anything"},
                          {"AENEW", std::numeric_limits<std::int64_t>::max()}};
  for (const Taken& taken : kTaken) EXPECT_THAT(found(taken.variable, taken.answer), IsEmpty()) << taken.variable;
}

struct Refused {
  const char* variable;
  AnswerValue answer;
  const char* what;
};

TEST_F(RecordChecks, AnswersOfAnotherTypeAreFoundAndNeverRepeated) {
  const Refused kRefused[] = {{"AETERM", true, "the answer is true or false, and the variable takes neither"},
                              {"AENUM", "QQ37", "the answer is no number"},
                              {"AENUM", "37,5", "the answer is no number"},
                              {"AENUM", " 37", "the answer is no number"},
                              {"AENUM", false, "the answer is true or false, and the variable takes neither"},
                              {"AENUM", (std::int64_t{1} << 53) + 1, "the number has more digits than are kept of a number"},
                              {"AENUM", std::numeric_limits<double>::infinity(), "the answer is no finite number"},
                              {"AESER", "QQmaybe", "the answer is neither true nor false"},
                              {"AESER", std::int64_t{2}, "the answer is neither true nor false"},
                              {"AESTDT", "2023-02-29", "the answer is no date"},
                              {"AESTDT", "29.02.2024", "the answer is no date"},
                              {"AESTDT", "2024", "the answer is no date"},
                              {"AESTDT", std::int64_t{20240229}, "the answer is no date"},
                              {"AETIME", "2024-02-29", "the answer is no date with a time"},
                              {"AETIME", "2024-02-29 12:30:00Z", "the answer is no date with a time"},
                              {"AEPART", "QQsome day", "the answer is no date, not even in part"},
                              {"AEHEAD", "QQ", "the variable only lays out the form and takes no answer"},
                              {"AEGONE", "QQ", "the variable is deleted"},
                              {"AEOFF", "QQ", "the variable is disabled"},
                              {"AENOTE", std::string("QQ\0", 3), "the answer has control characters in it"},
                              {"AENOTE", "QQ\x1b[2J", "the answer has control characters in it"},
                              {"AENOTE", "QQ\xff", "the answer is not UTF-8"}};
  for (const Refused& refused : kRefused) {
    EXPECT_THAT(found(refused.variable, refused.answer), ElementsAre(std::string(refused.variable) + ": " + refused.what));
    const RecordInput record = new_record("AE", "1", {{refused.variable, refused.answer}});
    for (const RecordFinding& finding : checker.check(std::span(&record, 1)))
      EXPECT_THAT(finding.what + finding.hint, Not(HasSubstr("QQ")));
  }
}

TEST_F(RecordChecks, ANameIsRightAsTheMetadataSpellsIt) {
  EXPECT_THAT(found("aeterm", "x"), ElementsAre("aeterm: form AE has no such variable"));
  EXPECT_EQ(hint(new_record("AE", "1", {{"aeterm", "x"}})), "did you mean AETERM?");
  EXPECT_EQ(hint(new_record("AE", "1", {{"AETREM", "x"}})), "did you mean AETERM?");
  EXPECT_EQ(hint(new_record("AE", "1", {{"SOMETHING", "x"}})), "the study's list of variables has their names");
  EXPECT_THAT(found("TEMP", "x"), ElementsAre("TEMP: form AE has no such variable, it is one of form VS"));
  EXPECT_THAT(found(new_record("ae", "1", {{"AETERM", "x"}})), ElementsAre("the study has no form ae"));
  EXPECT_EQ(hint(new_record("ae", "1", {{"AETERM", "x"}})), "did you mean AE?");
  EXPECT_THAT(found({.form_id = 9, .subject_key = "1", .data = {{"AETERM", "x"}}}), ElementsAre("the study has no form with the id 9"));
  EXPECT_THAT(found({.form_id = 1, .subject_key = "1", .data = {{"AETERM", "x"}}}), IsEmpty());
  EXPECT_THAT(found({.form_key = "AE", .form_id = 2, .subject_key = "1", .data = {{"AETERM", "x"}}}),
              ElementsAre("its formKey and formId are of two forms"));
  EXPECT_THAT(found(new_record("OLD", "1", {{"X", "1"}})), ElementsAre("its form OLD is disabled"));
}

TEST_F(RecordChecks, WhatARecordNamesMustGoTogether) {
  const Answers data{{"AETERM", "x"}};
  EXPECT_THAT(found({.form_key = "AE", .site_name = "S", .subject_key = "1", .data = data}),
              ElementsAre("it names both a subject and a site"));
  EXPECT_THAT(found({.form_key = "AE", .site_name = "S", .interval_name = "V", .data = data}),
              ElementsAre("it names an interval and no subject"));
  EXPECT_THAT(found({.form_key = "AE", .interval_name = "V", .data = data}), ElementsAre("it names neither a subject nor a site"));
  EXPECT_THAT(found({.subject_key = "1", .data = data}), ElementsAre("it names no form"));
  EXPECT_THAT(found({.form_key = "AE", .subject_key = "", .data = data}), ElementsAre("its subjectKey is empty"));
  EXPECT_THAT(found(new_record("AE", "1", {})), ElementsAre("it has no answers"));
}

TEST_F(RecordChecks, AllIsFoundAndEachByItsPlace) {
  const std::vector<RecordInput> records{new_record("AE", "1", {{"AENUM", "x"}, {"AESTDT", "y"}}),
                                         new_record("AE", "1", {{"AETERM", "Headache"}}), new_record("AF", "1", {})};
  const auto findings = checker.check(records);
  ASSERT_EQ(findings.size(), 4u);
  std::vector<std::size_t> places;
  places.reserve(findings.size());
  for (const RecordFinding& finding : findings) places.push_back(finding.place);
  EXPECT_THAT(places, ElementsAre(0u, 0u, 2u, 2u));
}

TEST(RecordChecker, OfVariablesAloneKnowsTheirForms) {
  const RecordChecker checker({}, variables_of_study());
  const std::vector<RecordInput> records{new_record("VS", "1", {{"TEMP", 37.5}}), new_record("XX", "1", {{"TEMP", 37.5}})};
  const auto findings = checker.check(records);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].what, "the study has no form XX");
}

TEST(RecordChecker, OfVariablesOfOneNameTheOneInUseCounts) {
  std::vector<Variable> variables{variable_of("AE", "X", "text"), variable_of("AE", "X", "number"), variable_of("AE", "X", "date")};
  variables[0].deleted = true;
  variables[2].disabled = true;
  const RecordChecker checker({}, variables);
  const std::vector<RecordInput> records{new_record("AE", "1", {{"X", "12"}}), new_record("AE", "1", {{"X", "twelve"}})};
  const auto findings = checker.check(records);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].place, 1u);
}

}  // namespace
}  // namespace imednet
