// INSERT, UPDATE, DELETE.
#include <set>

#include "executor.h"
#include "reserved_words.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

StatementResult counted(const std::string& column, long long rows, int type) {
  StatementResult out;
  out.result.columns = {number_column(column)};
  out.result.rows = {{std::to_string(rows)}};
  out.type = type;
  return out;
}

SqlError wrong_type(const ColumnDefinition& column) {
  return SqlError("002023", "22000",
                  "SQL compilation error:\nExpression type does not match column data type, expecting " + display_type(column.type) +
                      " but got VARCHAR(16777216) for column " + column.name);
}

// How a value of the source column becomes one of the target column.
std::string coerced(const std::string& value, const std::string& source_type, const ColumnDefinition& column) {
  const bool json = source_type == "JSON";
  if (column.type.semi_structured()) {
    // Text does not become VARIANT by itself: that takes PARSE_JSON or TO_VARIANT.
    if (source_type == "VARCHAR") throw wrong_type(column);
    return json ? value : "to_json(" + value + ")";
  }
  if (column.type.kind == TypeKind::text) return "sf_text(" + value + ")";
  if (json) return engine_cast("json_extract_string(" + value + ", '$')", column.type);
  return engine_cast(value, column.type);
}

// INSERT … VALUES takes no functions that make a VARIANT: those need INSERT … SELECT. [third party]
void refuse_variants_in_values(const Translator& sql) {
  static const std::set<std::string> kMakers = {"PARSE_JSON", "TRY_PARSE_JSON", "OBJECT_CONSTRUCT", "ARRAY_CONSTRUCT", "TO_VARIANT"};
  if (!sql.at_word("VALUES")) return;
  for (size_t ahead = 1; sql.peek(ahead).kind != TokenKind::end; ++ahead) {
    const Token& word = sql.peek(ahead);
    if (word.kind == TokenKind::word && kMakers.contains(word.upper) && sql.peek(ahead + 1).is_symbol("("))
      throw SqlError("002014", "22000", "SQL compilation error:\nInvalid expression [" + word.upper + "(…)] in VALUES clause");
  }
}

}  // namespace

// The source is described first, so that each value is converted by Snowflake's rules and not the engine's.
std::string Executor::insert_statement(const TableDefinition& target, const std::vector<std::string>& columns, const std::string& source) {
  const ResultSet shape = session_.query("DESCRIBE SELECT * FROM (" + source + ") AS source");
  if (shape.rows.size() != columns.size()) {
    throw SqlError("002020", "21S01",
                   "SQL compilation error:\nInsert value list does not match column list expecting " + std::to_string(columns.size()) +
                       " but got " + std::to_string(shape.rows.size()));
  }
  std::string names;
  std::string sources;
  std::string values;
  for (size_t i = 0; i < columns.size(); ++i) {
    const ColumnDefinition* column = target.column(columns[i]);
    if (!column) throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(columns[i]) + "'");
    const std::string slot = "c" + std::to_string(i);
    const std::string comma = i == 0 ? "" : ", ";
    names += comma + engine_identifier(columns[i]);
    sources += comma + slot;
    values += comma + coerced(slot, shape.rows[i][1].value_or(""), *column);
  }
  return "INSERT INTO " + target.relation() + " (" + names + ") SELECT " + values + " FROM (" + source + ") AS source(" + sources + ")";
}

StatementResult Executor::insert(Translator& sql) {
  sql.next();
  const bool overwrite = sql.accept_word("OVERWRITE");
  sql.expect_word("INTO");
  const TableDefinition target = table(sql.object_name());
  require("INSERT", target);
  std::vector<std::string> columns;
  if (sql.peek().is_symbol("(") && !sql.at_query()) {
    sql.next();
    do {
      columns.push_back(sql.identifier());
    } while (sql.accept_symbol(","));
    sql.expect_symbol(")");
  }
  if (columns.empty()) {
    for (const ColumnDefinition& column : target.columns) columns.push_back(column.name);
  }
  if (!sql.at_query()) sql.fail();
  refuse_variants_in_values(sql);
  const std::string source = sql.query();
  sql.expect_end();
  check_json(sql);
  prepare_change(target, overwrite ? RowChange::alters : RowChange::adds);
  std::vector<std::string> statements;
  if (overwrite) statements.push_back("DELETE FROM " + target.relation());
  statements.push_back(insert_statement(target, columns, source));
  return counted("number of rows inserted", session_.write_all(statements).back(), statement_type::kInsert);
}

// column = value, with or without the table's name before the column.
std::string Executor::assignment(Translator& sql, const TableDefinition& target, const std::string& alias) {
  std::string name = sql.identifier();
  if (sql.accept_symbol(".")) {
    if (name != alias && name != target.name.name) sql.fail();
    name = sql.identifier();
  }
  const ColumnDefinition* column = target.column(name);
  if (!column) throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(name) + "'");
  sql.expect_symbol("=");
  const Expression value = sql.expression();
  const std::string converted = column->type.semi_structured()        ? (value.text_literal ? throw wrong_type(*column) : value.sql)
                                : column->type.kind == TypeKind::text ? as_text(value)
                                                                      : as_scalar(value);
  return engine_identifier(name) + " = " + converted;
}

StatementResult Executor::update(Translator& sql) {
  sql.next();
  const TableDefinition target = table(sql.object_name());
  require("UPDATE", target);
  std::string alias = target.name.name;
  if (sql.accept_word("AS")) {
    alias = sql.identifier();
  } else if (!sql.at_word("SET") && sql.peek().kind != TokenKind::end) {
    alias = sql.identifier();
  }
  sql.expect_word("SET");
  std::string sets;
  do {
    sets += (sets.empty() ? "" : ", ") + assignment(sql, target, alias);
  } while (sql.accept_symbol(","));
  std::string rest;
  if (sql.at_word("FROM")) rest += sql.from_clause();
  if (sql.accept_word("WHERE")) rest += " WHERE " + sql.condition();
  sql.expect_end();
  for (const std::string& text : sql.take_json_texts())
    sql.add_json_check("SELECT " + text + " FROM " + target.relation() + " AS " + engine_identifier(alias));
  prepare_change(target, RowChange::alters);
  check_json(sql);
  const long long rows = session_.write("UPDATE " + target.relation() + " AS " + engine_identifier(alias) + " SET " + sets + rest);
  StatementResult out = counted("number of rows updated", rows, statement_type::kUpdate);
  out.result.columns.push_back(number_column("number of multi-joined rows updated"));
  out.result.rows[0].push_back("0");
  return out;
}

StatementResult Executor::remove_rows(Translator& sql) {
  sql.next();
  sql.expect_word("FROM");
  const TableDefinition target = table(sql.object_name());
  require("DELETE", target);
  std::string alias = target.name.name;
  if (sql.accept_word("AS")) {
    alias = sql.identifier();
  } else if (sql.peek().kind == TokenKind::quoted || (sql.peek().kind == TokenKind::word && !is_reserved(sql.peek().upper))) {
    alias = sql.identifier();
  }
  std::string rest;
  if (sql.at_word("USING")) rest += sql.using_clause();
  if (sql.accept_word("WHERE")) rest += " WHERE " + sql.condition();
  sql.expect_end();
  prepare_change(target, RowChange::alters);
  check_json(sql);
  const long long rows = session_.write("DELETE FROM " + target.relation() + " AS " + engine_identifier(alias) + rest);
  return counted("number of rows deleted", rows, statement_type::kDelete);
}

}  // namespace imednet::sandbox::snowflake
