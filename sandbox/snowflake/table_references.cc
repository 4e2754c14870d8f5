// FROM: tables, subqueries, table functions and joins.
#include <algorithm>

#include "reserved_words.h"
#include "sql_error.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

std::string Translator::from_clause() {
  expect_word("FROM");
  return " FROM " + table_list();
}

std::string Translator::using_clause() {
  expect_word("USING");
  return " USING " + table_list();
}

std::string Translator::table_list() {
  std::string sql;
  do {
    sql += (sql.empty() ? "" : ", ") + table_reference();
  } while (accept_symbol(","));
  return sql;
}

std::string Translator::table_reference() {
  std::string sql = table_primary();
  for (int joins = 0; joins < 200; ++joins) {
    const std::string joined = join_suffix(sql);
    if (joined.empty()) return sql;
    sql = joined;
  }
  fail();
}

std::string Translator::join_suffix(const std::string& left) {
  std::string kind;
  bool conditional = true;
  if (accept_word("CROSS")) {
    kind = " CROSS JOIN ";
    conditional = false;
  } else if (accept_word("NATURAL")) {
    kind = " NATURAL JOIN ";
    conditional = false;
  } else if (at_word("LEFT") || at_word("RIGHT") || at_word("FULL")) {
    kind = " " + next().upper + " JOIN ";
    accept_word("OUTER");
  } else if (at_word("JOIN") || at_word("INNER")) {
    accept_word("INNER");
    kind = " JOIN ";
  } else {
    return {};
  }
  expect_word("JOIN");
  std::string sql = left + kind + table_primary();
  if (!conditional) return sql;
  if (accept_word("USING")) {
    expect_symbol("(");
    std::string names;
    do {
      names += (names.empty() ? "" : ", ") + engine_identifier(identifier());
    } while (accept_symbol(","));
    expect_symbol(")");
    return sql + " USING (" + names + ")";
  }
  if (kind == " JOIN " && !at_word("ON")) return left + " CROSS JOIN " + sql.substr(left.size() + kind.size());
  expect_word("ON");
  return sql + " ON " + condition();
}

std::string Translator::alias_suffix(const std::string& default_alias) {
  std::string alias = default_alias;
  if (accept_word("AS")) {
    alias = identifier();
  } else if (peek().kind == TokenKind::quoted || (peek().kind == TokenKind::word && !is_reserved(peek().upper))) {
    alias = identifier();
  }
  if (alias.empty()) return {};
  std::string sql = " AS " + engine_identifier(alias);
  if (accept_symbol("(")) {
    sql += "(";
    do {
      sql += (sql.back() == '(' ? "" : ", ") + engine_identifier(identifier());
    } while (accept_symbol(","));
    expect_symbol(")");
    sql += ")";
  }
  return sql;
}

std::string Translator::table_primary() {
  if (accept_word("LATERAL") && !peek().is_symbol("(")) fail();
  if (peek().is_symbol("(")) {
    if (at_query()) {
      next();
      const std::string inner = query();
      expect_symbol(")");
      return "(" + inner + ")" + alias_suffix("");
    }
    next();
    const std::string inner = table_reference();
    expect_symbol(")");
    return "(" + inner + ")";
  }
  if (at_word("VALUES")) return "(" + values_clause() + ")" + alias_suffix("");
  if (at_word("TABLE") && peek(1).is_symbol("(")) return table_function_call();
  if (peek().kind == TokenKind::word && is_reserved(peek().upper)) fail();
  if (peek().kind == TokenKind::stage) throw syntax_error("a stage can be read by COPY INTO only.");
  const ObjectName name = object_name();
  const bool common = name.schema.empty() && std::find(common_tables_.begin(), common_tables_.end(), name.name) != common_tables_.end();
  const std::string relation = common ? engine_identifier(name.name) : resolver_.relation(name);
  return relation + alias_suffix(name.name);
}

std::string Translator::table_function_call() {
  next();
  next();
  const ObjectName name = object_name();
  expect_symbol("(");
  std::map<std::string, std::string> arguments;
  while (!peek().is_symbol(")")) {
    const std::string key = identifier();
    expect_symbol("=>");
    arguments[key] = expression().sql;
    if (!accept_symbol(",")) break;
  }
  expect_symbol(")");
  expect_symbol(")");
  return resolver_.table_function(name, arguments) + alias_suffix(name.name);
}

}  // namespace imednet::sandbox::snowflake
