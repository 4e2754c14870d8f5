#include "sinks/sql/view_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imednet/errors.h"
#include "sinks/sql/sql_views.h"

namespace imednet::sinks::sql {
namespace {

using errors::ErrorCode;
using testing::HasSubstr;

Variable variable(std::string name, std::string type) {
  Variable made;
  made.variable_id = 1;
  made.variable_name = std::move(name);
  made.variable_type = std::move(type);
  made.label = "first label";
  return made;
}

struct Made {
  std::vector<Variable> variables{variable("It's \"@odd@\"", "NUMBER")};
  table::FormLayout form{"D'M", variables, {}};
  table::FormView view = table::view_of(form);

  ViewStatements of(Engine engine, const std::string& study = "S'1") const {
    const Dialect& dialect = dialect_of(engine);
    const TableName records = TableName::parse("records", dialect);
    return {dialect, records, records.with("DM", dialect), study, view};
  }
};

db::Answer found(const std::string& kind, const std::string& note, const std::string& definition) {
  return {.columns = {"kind", "note", "definition"}, .rows = {{kind, note, definition}}};
}

// The note that the last of the comments leaves.
std::string note_of(const ViewStatements& view, const std::string& definition) {
  const std::string text = view.comments(found("view", "", definition)).back().text();
  std::string note = text.substr(text.find(" IS '") + 5);
  note.pop_back();
  for (std::size_t at = note.find("''"); at != std::string::npos; at = note.find("''", at + 1)) note.erase(at, 1);
  return note;
}

TEST(Filled, PutsValuesInPlaceOnceAndLooksAtThemNoMore) {
  EXPECT_EQ(filled("@a@-@b@-@a@", {{"a", "@b@"}, {"b", "2"}}), "@b@-2-@b@");
  EXPECT_EQ(filled("plain", {}), "plain");
}

TEST(ViewStatements, NamesAndKeysStandInQuotes) {
  const Made made;
  for (const Dialect& dialect : dialects()) {
    const std::string text = made.of(dialect.engine).create().text();
    EXPECT_THAT(text, HasSubstr(R"(CREATE VIEW "records_DM" AS )")) << dialect.title;
    EXPECT_THAT(text, HasSubstr(R"( AS "It's ""@odd@""")")) << dialect.title;
    EXPECT_THAT(text, HasSubstr("'S''1'")) << dialect.title;
    EXPECT_THAT(text, HasSubstr("'d''m'")) << dialect.title;
    EXPECT_THAT(text, HasSubstr(dialect.engine == Engine::sqlite ? "k697427732022406F64644022" : "'it''s \"@odd@\"'")) << dialect.title;
  }
}

TEST(ViewStatements, AViewIsOursByItsMarkAlone) {
  const Made made;
  const ViewStatements mine = made.of(Engine::postgresql), theirs = made.of(Engine::postgresql, "S2");
  const db::Answer there = found("view", note_of(mine, "SELECT 1"), "SELECT 1");
  EXPECT_TRUE(mine.is_ours(there) && mine.is_up_to_date(there));
  EXPECT_TRUE(theirs.is_made_by_us(there));
  EXPECT_FALSE(theirs.is_ours(there));
  EXPECT_FALSE(mine.is_made_by_us(found("table", note_of(mine, "SELECT 1"), "")));
  EXPECT_FALSE(mine.is_made_by_us(found("view", "demography", "SELECT 1")));
}

TEST(ViewStatements, AnotherDefinitionOrLabelIsNotUpToDate) {
  Made made;
  const std::string note = note_of(made.of(Engine::postgresql), "SELECT 1");
  EXPECT_FALSE(made.of(Engine::postgresql).is_up_to_date(found("view", note, "SELECT 2")));
  made.variables[0].label = "another label";
  const table::FormLayout form("D'M", made.variables, {});
  made.view = table::view_of(form);
  const ViewStatements relabelled = made.of(Engine::postgresql);
  EXPECT_TRUE(relabelled.is_ours(found("view", note, "SELECT 1")));
  EXPECT_FALSE(relabelled.is_up_to_date(found("view", note, "SELECT 1")));
}

TEST(ViewStatements, SqliteKeepsTheMarkInTheDefinition) {
  const Made made;
  const ViewStatements view = made.of(Engine::sqlite);
  const std::string definition = view.create().text();
  EXPECT_TRUE(view.is_ours(found("view", "", definition)) && view.is_up_to_date(found("view", "", definition)));
  EXPECT_FALSE(view.is_up_to_date(found("view", "", definition + " AND 1 = 0")));
  EXPECT_FALSE(made.of(Engine::sqlite, "S2").is_ours(found("view", "", definition)));
  EXPECT_FALSE(view.is_made_by_us(found("view", "", "CREATE VIEW x AS SELECT 1")));
  EXPECT_TRUE(view.comments(found("view", "", definition)).empty());
}

TEST(SqlViews, OfMoreColumnsThanTheDatabaseTakesAreRefused) {
  std::vector<Variable> variables;
  variables.reserve(1'600);
  for (int i = 0; i < 1'600; ++i) variables.push_back(variable("V" + std::to_string(i), "TEXT"));
  const table::FormLayout form("WIDE", variables, {});
  const table::FormView view = table::view_of(form);
  for (const Dialect& dialect : dialects()) {
    const SqlPlace place{.dialect = &dialect, .name = "somewhere"};
    const TableName records = TableName::parse("records", dialect);
    SqlViews views(place, records, "S");
    if (dialect.columns > 1'700) {
      views.add(records.with("WIDE", dialect), view);
      EXPECT_EQ(views.names(), std::vector<std::string>{"records_WIDE"});
      continue;
    }
    try {
      views.add(records.with("WIDE", dialect), view);
      FAIL() << dialect.title;
    } catch (const errors::ExportConfigurationError& error) {
      EXPECT_EQ(error.code(), ErrorCode::schema_mismatch);
      EXPECT_THAT(error.what(), HasSubstr("records_WIDE would have more than the 1600 columns that PostgreSQL takes"));
    }
  }
}

}  // namespace
}  // namespace imednet::sinks::sql
