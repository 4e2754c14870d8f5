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
  for (const char* word : {"PIVOT", "UNPIVOT", "MATCH_RECOGNIZE", "SAMPLE", "TABLESAMPLE", "AT", "BEFORE", "CHANGES"}) {
    if (at_word(word) && (peek(1).is_symbol("(") || peek(2).is_symbol("("))) throw unsupported(peek().upper + " in FROM");
  }
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
  if (accept_word("LATERAL")) {
    if (at_word("FLATTEN")) {
      const std::string inner = flatten();  // first: both read on
      return inner + alias_suffix("FLATTEN");
    }
    if (!peek().is_symbol("(")) fail();
  }
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
  if (at_word("TABLE") && peek(1).is_symbol("(") && at_word("FLATTEN", 2)) {
    next();
    next();
    const std::string inner = flatten();
    expect_symbol(")");
    return inner + alias_suffix("FLATTEN");
  }
  if (at_word("TABLE") && peek(1).is_symbol("(")) return table_function_call();
  if (peek().kind == TokenKind::word && is_reserved(peek().upper)) fail();
  if (peek().kind == TokenKind::stage) throw unsupported("Querying a stage");
  const ObjectName name = object_name();
  const bool common = name.schema.empty() && std::find(common_tables_.begin(), common_tables_.end(), name.name) != common_tables_.end();
  const std::string relation = common ? engine_identifier(name.name) : resolver_.relation(name);
  return relation + alias_suffix(name.name);
}

std::string Translator::table_function_call() {
  next();
  next();
  const ObjectName name = object_name();
  const std::map<std::string, std::string> arguments = call_arguments();
  expect_symbol(")");
  return resolver_.table_function(name, arguments) + alias_suffix(name.name);
}

// (NAME => value, …); values without a name are called "0", "1", …
std::map<std::string, std::string> Translator::call_arguments() {
  std::map<std::string, std::string> arguments;
  expect_symbol("(");
  while (!peek().is_symbol(")")) {
    std::string key = std::to_string(arguments.size());
    if (peek(1).is_symbol("=>")) {
      key = identifier();
      next();
    }
    arguments[key] = expression().sql;
    if (!accept_symbol(",")) break;
  }
  expect_symbol(")");
  return arguments;
}

// FLATTEN(INPUT => …, PATH, OUTER, RECURSIVE, MODE). SEQ is left out: it has to differ by row of the other side.
std::string Translator::flatten() {
  expect_word("FLATTEN");
  std::map<std::string, std::string> given = call_arguments();
  if (given.contains("0")) given["INPUT"] = given["0"];
  const auto truth = [&](const char* name) { return given.contains(name) && given[name] == "TRUE"; };
  if (given["INPUT"].empty()) throw SqlError("000938", "22023", "SQL compilation error:\nnot enough arguments for function [FLATTEN]");
  std::string input = "CAST(" + given["INPUT"] + " AS JSON)";
  if (given.contains("PATH")) input = "sf_get_path(" + input + ", " + given["PATH"] + ")";
  const std::string mode = given.contains("MODE") ? to_upper(given["MODE"]) : "'BOTH'";
  if (mode != "'BOTH'" && mode != "'OBJECT'" && mode != "'ARRAY'") throw invalid_value("invalid value for MODE of FLATTEN");
  const std::string kinds = mode == "'BOTH'" ? "'OBJECT', 'ARRAY'" : mode;
  const std::string each = std::string(truth("RECURSIVE") ? "json_tree(" : "json_each(") + input + ")";
  const std::string where =
      " WHERE json_type(" + input + ") IN (" + kinds + ")" + (truth("RECURSIVE") ? std::string(" AND fullkey <> '$'") : std::string());
  std::string sql =
      "SELECT CASE WHEN fullkey LIKE '%]' THEN NULL ELSE key END AS \"KEY\", sf_flatten_path(fullkey) AS \"PATH\", CASE WHEN fullkey LIKE "
      "'%]' THEN CAST(key AS BIGINT) END AS \"INDEX\", value AS \"VALUE\", " +
      input + " AS \"THIS\" FROM " + each + where;
  if (truth("OUTER")) sql += " UNION ALL SELECT NULL, '', NULL, NULL, " + input + " WHERE NOT EXISTS (SELECT 1 FROM " + each + where + ")";
  return "LATERAL (" + sql + ")";
}

}  // namespace imednet::sandbox::snowflake
