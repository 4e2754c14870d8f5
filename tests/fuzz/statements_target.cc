// Foreign text in statements: it may change values and names, never the shape of the statement that it stands in.
#include "fuzz/sql_tokens.h"
#include "fuzz/target.h"
#include "sinks/snowflake/statements.h"
#include "sinks/snowflake/view_statements.h"

namespace imednet::fuzz {
namespace {

using namespace sinks::snowflake;

constexpr const char* kMark = "a-mark-that-stands-nowhere-else";

std::vector<std::string> statements_about(const std::string& text) {
  const ObjectName object(Identifier::own(text), Identifier::own(text), Identifier::own(text));
  const StageDirectory directory(ObjectName(Identifier::own("DB"), Identifier::own("SC"), Identifier::own("ST")), "imednet");
  const std::vector<std::string> files = {"h/f.parquet", text};
  return {literal(text),
          delete_study(object, text).text(),
          alter_session_tag(text).text(),
          query_status(Identifier::own(text), text).text(),
          describe_table(object).text(),
          unreadable_rows(object, text).text(),
          create_target(object, records_shape()).text(),
          show_stages(object).text(),
          put_file(std::filesystem::path(text), directory, "h").text(),
          copy_into(object, records_shape(), directory, files, text, true).text(),
          ledger_tables(object, text, text).text(),
          file_facts(object, records_shape(), files, text).text()};
}

std::string with_text(std::string value, const std::string& text) {
  const std::string mark = kMark;
  for (std::size_t at = value.find(mark); at != std::string::npos; at = value.find(mark, at + text.size())) {
    value.replace(at, mark.size(), text);
  }
  return value;
}

void run(std::string_view input) {
  if (input.empty()) return;  // an empty run id means another statement
  static const std::vector<std::string> harmless = statements_about(kMark);
  const std::string text(input);
  const std::vector<std::string> statements = statements_about(text);
  for (std::size_t i = 0; i < statements.size(); ++i) {
    std::vector<Token> expected = tokens_of(harmless[i], Dialect::snowflake);
    for (Token& token : expected) token.value = with_text(std::move(token.value), text);
    require(tokens_of(statements[i], Dialect::snowflake) == expected, "a text keeps its place in a statement");
  }
}

}  // namespace

Target statements_target() {
  return {run, {"' OR 1=1 --", "\\'", "'; DROP TABLE t; --", "\"; SELECT 1", "{}", "{0}", "%s", "file://"}, 1'500};
}

}  // namespace imednet::fuzz
