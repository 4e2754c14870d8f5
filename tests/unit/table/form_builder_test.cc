#include "table/form_builder.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

#include "imednet/errors.h"
#include "table/row_hash.h"

namespace imednet::table {
namespace {

using errors::ExportConfigurationError;

Variable variable(std::string name, std::string type, std::int64_t sequence) {
  Variable made;
  made.variable_id = sequence;
  made.variable_name = std::move(name);
  made.variable_type = std::move(type);
  made.sequence = sequence;
  made.label = "Label " + std::to_string(sequence);
  return made;
}

std::vector<Variable> some_variables() {
  return {variable("AGE", "NUMBER", 2),  variable("IT.SEX", "RADIO", 1),  variable("Onset", "Date", 3),   variable("SEEN", "date/time", 4),
          variable("OK", "checkbox", 5), variable("Heading", "label", 6), variable("When", "DateTime", 7)};
}

std::vector<std::string> names_of(const FormLayout& form) {
  std::vector<std::string> names;
  for (const Column& column : form.layout().columns.subspan(form_record_columns().size())) names.emplace_back(column.name);
  return names;
}

// One row with these answers.
std::shared_ptr<arrow::RecordBatch> built(const FormLayout& form, std::string_view answers, FormCounts* counts = nullptr) {
  FormBuilder builder(form);
  RecordRow row;
  row.study_key = "S";
  row.record_id = 7;
  row.record_data = answers;
  builder.append(row);
  auto batch = builder.finish();
  if (counts != nullptr) *counts = builder.counts();
  return batch;
}

std::string cell(const arrow::RecordBatch& batch, const std::string& column) {
  const auto scalar = batch.GetColumnByName(column)->GetScalar(0).ValueOrDie();
  return scalar->is_valid ? scalar->ToString() : "(null)";
}

TEST(FormLayout, ColumnsStandInTheFormsOrder) {
  const FormLayout form("DM", some_variables(), {});
  EXPECT_EQ(names_of(form), (std::vector<std::string>{"IT.SEX", "AGE", "Onset", "Onset_text", "SEEN", "SEEN_text", "OK", "When",
                                                      "When_text", "_raw", "_extra", "_row_hash"}));
  EXPECT_EQ(form.layout().columns[form_record_columns().size() + 1].kind, ColumnKind::real);
  EXPECT_EQ(form.layout().columns[form_record_columns().size()].comment, "Label 1");
}

TEST(FormLayout, OfVariablesThatDifferInCaseTheOneInUseSpeaks) {
  Variable old = variable("age", "TEXT", 1);
  old.deleted = true;
  const FormLayout form("DM", std::vector<Variable>{old, variable("AGE", "NUMBER", 2)}, {});
  EXPECT_EQ(names_of(form).front(), "AGE");
  EXPECT_EQ(form.columns().size(), 1u);
}

TEST(FormLayout, NamesOfOursAndLongNamesAreChanged) {
  const std::string longest(300, 'x');
  const FormLayout form("DM", std::vector<Variable>{variable("Record_ID", "TEXT", 1), variable(longest, "TEXT", 2)}, {}, {.bytes = 63});
  EXPECT_EQ(names_of(form)[0], "v_Record_ID");
  EXPECT_EQ(names_of(form)[1].size(), 63u);
}

TEST(FormLayout, TwoVariablesForOneColumnAreRefusedByName) {
  try {
    const FormLayout form("DM", std::vector<Variable>{variable("A", "DATE", 1), variable("A_TEXT", "TEXT", 2)}, {});
    FAIL() << "nothing was thrown";
  } catch (const ExportConfigurationError& error) {
    EXPECT_NE(std::string(error.what()).find("A and A_TEXT of form DM"), std::string::npos) << error.what();
  }
}

TEST(FormBuilder, AnswersGoToTheirColumnsWhateverTheirCase) {
  const FormLayout form("DM", some_variables(), {});
  const auto batch = built(form, R"({"it.sex":"F","age":"63","ONSET":"2013-12-26","ok":true,"when":"2013-12-26 10:30"})");
  EXPECT_EQ(cell(*batch, "IT.SEX"), "F");
  EXPECT_EQ(cell(*batch, "AGE"), "63");
  EXPECT_EQ(cell(*batch, "Onset"), "2013-12-26");
  EXPECT_EQ(cell(*batch, "Onset_text"), "2013-12-26");
  EXPECT_EQ(cell(*batch, "OK"), "true");
  EXPECT_EQ(cell(*batch, "_raw"), "(null)");
  EXPECT_EQ(cell(*batch, "_extra"), "(null)");
}

TEST(FormBuilder, WhatDoesNotFitIsKeptAsSentAndCounted) {
  const FormLayout form("DM", some_variables(), {});
  FormCounts counts;
  const auto batch = built(form, R"({"age": "about 60" ,"ok":"1`3","Onset":"2013-12","it.sex":"\ud800","When":""})", &counts);
  EXPECT_EQ(cell(*batch, "AGE"), "(null)");
  EXPECT_EQ(cell(*batch, "Onset"), "(null)");
  EXPECT_EQ(cell(*batch, "Onset_text"), "2013-12");
  EXPECT_EQ(cell(*batch, "_raw"), R"({"it.sex":"\ud800","age":"about 60","ok":"1`3"})");
  EXPECT_EQ(counts.columns[form.find("AGE")].misfits, 1);
  EXPECT_EQ(counts.columns[form.find("onset")].misfits, 1);
  EXPECT_EQ(counts.columns[form.find("When")].answered, 0);
}

TEST(FormBuilder, AValueWhoseTextWouldBeLostIsKeptBoth) {
  const FormLayout form("DM", some_variables(), {});
  FormCounts counts;
  const auto batch = built(form, R"({"age":"098.1","ok":1})", &counts);
  EXPECT_EQ(cell(*batch, "AGE"), "98.1");
  EXPECT_EQ(cell(*batch, "OK"), "true");
  EXPECT_EQ(cell(*batch, "_raw"), R"({"age":"098.1","ok":1})");
  EXPECT_EQ(counts.columns[form.find("AGE")].exact, 1);
  EXPECT_EQ(counts.columns[form.find("AGE")].misfits, 0);
}

TEST(FormBuilder, UnknownAndRepeatedKeysAreExtra) {
  const FormLayout form("DM", some_variables(), {});
  const auto batch = built(form, R"({"age":1,"AGE":2,"unv\u006eum":{"a":[1, 2]},"Heading":"x"})");
  EXPECT_EQ(cell(*batch, "AGE"), "1");
  EXPECT_EQ(cell(*batch, "_extra"), R"({"AGE":2,"unv\u006eum":{"a":[1, 2]},"Heading":"x"})");
}

TEST(FormBuilder, AnswersThatAreLeftOutAreNowhere) {
  auto variables = some_variables();
  variables[0].blinded = true;  // AGE
  const FormLayout form("DM", variables, {});
  const auto batch = built(form, R"({"AGE":"63","age":"64","it.sex":"F"})");
  EXPECT_EQ(batch->GetColumnByName("AGE"), nullptr);
  EXPECT_EQ(cell(*batch, "_raw"), "(null)");
  EXPECT_EQ(cell(*batch, "_extra"), "(null)");
  EXPECT_THROW(built(form, R"({"AGE":"63")"), errors::ExportError);
  const FormLayout with("DM", variables, {.with_blinded = true});
  EXPECT_EQ(cell(*built(with, R"({"AGE":"63"})"), "AGE"), "63");
}

TEST(FormBuilder, AnswersThatAreNoObjectAreKeptWhole) {
  const FormLayout form("DM", some_variables(), {});
  FormCounts counts;
  const auto batch = built(form, R"({"AGE":"63")", &counts);
  EXPECT_EQ(cell(*batch, "_raw"), R"({"AGE":"63")");
  EXPECT_EQ(counts.unreadable, 1);
}

TEST(FormBuilder, AColumnThatComesLaterChangesNoHash) {
  auto variables = some_variables();
  const FormLayout before("DM", variables, {});
  variables.push_back(variable("NEW", "TEXT", 0));
  const FormLayout after("DM", variables, {});
  const char* const answers = R"({"it.sex":"F","age":"63"})";
  EXPECT_EQ(cell(*built(before, answers), "_row_hash"), cell(*built(after, answers), "_row_hash"));
  EXPECT_NE(cell(*built(before, answers), "_row_hash"), cell(*built(before, R"({"it.sex":"F","age":"64"})"), "_row_hash"));
}

}  // namespace
}  // namespace imednet::table
