#include "table/form_view.h"

#include <gtest/gtest.h>

namespace imednet::table {
namespace {

Variable view_variable(std::string name, std::string type, std::int64_t sequence) {
  Variable made;
  made.variable_id = sequence;
  made.variable_name = std::move(name);
  made.variable_type = std::move(type);
  made.sequence = sequence;
  return made;
}

TEST(FormView, ShowsTheColumnsOfTheFormThatAnswersGive) {
  const std::vector<Variable> variables{view_variable("AGE", "NUMBER", 1), view_variable("Onset", "DATE", 2),
                                        view_variable("Heading", "LABEL", 3), view_variable("IT.Sex", "RADIO", 4)};
  const FormLayout form("DM", variables, {});
  const FormView view = view_of(form);
  const std::size_t own = form_record_columns().size();
  ASSERT_EQ(view.columns.size(), own + 4);
  for (std::size_t i = 0; i < view.columns.size(); ++i) {
    EXPECT_EQ(view.columns[i].column, &form.layout().columns[i]);
    EXPECT_EQ(view.columns[i].source == ViewSource::record, i < own);
  }
  ASSERT_EQ(view.answers.size(), 3u);
  EXPECT_EQ(view.answers[2].key, "it.sex");
  EXPECT_EQ(view.answers[1].kind, AnswerKind::date);
  EXPECT_EQ(view.columns[own + 1].source, ViewSource::value);
  EXPECT_EQ(view.columns[own + 2].source, ViewSource::text);
  EXPECT_EQ(view.columns[own + 2].column->name, "Onset_text");
  EXPECT_EQ(view.columns[own + 2].answer, 1u);
  EXPECT_EQ(view.columns[own + 3].answer, 2u);
}

TEST(FormView, OfAFormWithoutVariablesHasTheRecordAlone) {
  const FormLayout form("DM", {}, {});
  EXPECT_EQ(view_of(form).columns.size(), form_record_columns().size());
}

}  // namespace
}  // namespace imednet::table
