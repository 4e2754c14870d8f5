#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "names.h"
#include "sinks/snowflake/view_statements.h"

namespace imednet::sinks::snowflake {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Variable answer(std::string name, std::string type, std::string label = "first label") {
  Variable made;
  made.variable_id = 1;
  made.variable_name = std::move(name);
  made.variable_type = std::move(type);
  made.label = std::move(label);
  return made;
}

struct TypedForm {
  explicit TypedForm(std::vector<Variable> of) : variables(std::move(of)) {}

  std::vector<Variable> variables;
  table::FormLayout form{"D'M", variables, {}, {.bytes = table::kNameBytes, .is_safe = true}};
  table::FormView view = table::view_of(form);

  ViewStatements over(const ObjectName& records = table_name(), const std::string& study = "S'1") const {
    return {records, ObjectName(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("RECORDS_D_M")), study, view};
  }
};

std::string comment_of(const ViewStatements& view) {
  const std::string text = view.create().text();
  const std::size_t at = text.find(") COMMENT = '") + 13;
  std::string comment = text.substr(at, text.find("' AS SELECT ") - at);
  for (std::size_t twice = comment.find("''"); twice != std::string::npos; twice = comment.find("''", twice + 1)) comment.erase(twice, 1);
  return comment;
}

TEST(SnowflakeViewStatements, NamesAreSafeAndTextsStandInQuotes) {
  const TypedForm form({answer("It's \"odd\"", "NUMBER", "what's \\ asked")});
  const std::string text = form.over().create().text();
  EXPECT_THAT(text, StartsWith(R"(CREATE VIEW "IMEDNET_DB"."PUBLIC"."RECORDS_D_M" ("STUDY_KEY" COMMENT )"));
  EXPECT_THAT(text, HasSubstr(R"("IT_S__ODD_" COMMENT 'what''s \\ asked', "_FILE" COMMENT )"));
  EXPECT_THAT(text, HasSubstr(R"(FROM "IMEDNET_DB"."PUBLIC"."RECORDS" WHERE "STUDY_KEY" = 'S''1' AND TRANSLATE("FORM_KEY", )"));
  EXPECT_THAT(text, HasSubstr(R"(ARRAY_POSITION('it''s "odd"'::VARIANT, "fs"))"));
  EXPECT_THAT(text, HasSubstr("= 'd''m'"));
}

TEST(SnowflakeViewStatements, EveryConversionIsOneThatCannotFail) {
  const TypedForm form({answer("n", "NUMBER"), answer("f", "CHECKBOX"), answer("d", "DATE"), answer("m", "DATETIME"), answer("t", "TEXT")});
  const std::string text = form.over().create().text();
  for (const char* name : {"\"N\"", "\"F\"", "\"D\"", "\"D_TEXT\"", "\"M\"", "\"M_TEXT\"", "\"T\""})
    EXPECT_THAT(text, HasSubstr(std::string(name) + " COMMENT"));
  for (const char* tried :
       {"TRY_TO_DOUBLE(\"x3\")", "TRY_TO_DATE(\"x0\", 'YYYY-MM-DD')", "TRY_TO_TIMESTAMP_NTZ(LEFT(\"x2\", 10)", "TRY_PARSE_JSON("})
    EXPECT_THAT(text, HasSubstr(tried));
  for (const char* failing : {" TO_DOUBLE(", " TO_DATE(", " TO_TIMESTAMP", " PARSE_JSON(", "::NUMBER", "::DATE", "::TIMESTAMP"})
    EXPECT_THAT(text, Not(HasSubstr(failing)));
}

TEST(SnowflakeViewStatements, AMarkSaysWhoseItIsAndOfWhatItWasMade) {
  const TypedForm form({answer("n", "NUMBER")}), relabelled({answer("n", "NUMBER", "another label")});
  const ViewStatements view = form.over();
  const std::string comment = comment_of(view);
  EXPECT_THAT(comment, StartsWith("form D'M of study S'1; imednet view 1 "));
  EXPECT_TRUE(view.is_ours(comment));
  EXPECT_TRUE(view.is_up_to_date(comment));
  EXPECT_TRUE(relabelled.over().is_ours(comment));
  EXPECT_FALSE(relabelled.over().is_up_to_date(comment));
  const ObjectName elsewhere(Identifier::own("IMEDNET_DB"), Identifier::own("PUBLIC"), Identifier::own("OTHER"));
  for (const ViewStatements& other : {form.over(table_name(), "S2"), form.over(elsewhere)}) {
    EXPECT_FALSE(other.is_ours(comment));
    EXPECT_TRUE(ViewStatements::is_made_by_us(comment));
  }
  EXPECT_FALSE(ViewStatements::is_made_by_us("somebody's view"));
}

TEST(SnowflakeViewStatements, OneThatIsMadeAnewKeepsWhatWasGranted) {
  const TypedForm form({answer("n", "NUMBER")});
  const ViewStatements view = form.over();
  EXPECT_THAT(view.replace().text(), StartsWith("CREATE OR REPLACE VIEW "));
  EXPECT_THAT(view.replace().text(), HasSubstr(") COPY GRANTS COMMENT = "));
  EXPECT_THAT(view.create().text(), Not(HasSubstr("COPY GRANTS")));
  const std::string query = view.create().text().substr(view.create().text().find("' AS SELECT "));
  EXPECT_THAT(view.replace().text(), EndsWith(query));
}

TEST(SnowflakeViewStatements, LooksForNamesThatMayBeginAsTheTables) {
  EXPECT_EQ(show_views_of(table_name()).text(), R"(SHOW VIEWS LIKE 'RECORDS%' IN SCHEMA "IMEDNET_DB"."PUBLIC")");
  const ObjectName odd(Identifier::own("DB"), Identifier::own("S"), Identifier::own("a%'\\b" + std::string(300, 'x')));
  EXPECT_EQ(show_tables_of(odd).text(), "SHOW TABLES LIKE 'A___B" + std::string(195, 'X') + R"(%' IN SCHEMA "DB"."S")");
}

}  // namespace
}  // namespace imednet::sinks::snowflake
