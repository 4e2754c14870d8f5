// SELECT and what stands around it: WITH, UNION, ORDER BY, LIMIT, VALUES.
#include "reserved_words.h"
#include "sql_error.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

namespace {

// The column name Snowflake gives an expression without an alias: its text in upper case.
std::string expression_name(const std::string& source) {
  std::string out;
  bool quoted = false;
  for (char c : source) {
    if (c == '"' || c == '\'') quoted = !quoted;
    out += quoted ? std::string(1, c) : to_upper(std::string(1, c));
  }
  return out;
}

}  // namespace

bool Translator::at_query() const {
  for (size_t ahead = 0; ahead < 50; ++ahead) {
    if (!peek(ahead).is_symbol("(")) {
      return peek(ahead).is_word("SELECT") || peek(ahead).is_word("WITH") || peek(ahead).is_word("VALUES");
    }
  }
  return false;
}

std::string Translator::query() {
  if (++depth_ > 60) throw syntax_error("query nested too deeply.");
  const size_t outer_tables = common_tables_.size();
  const std::string outer_prefix = with_prefix_;
  std::string sql = with_clause();
  sql += set_expression();
  if (at_word("ORDER")) sql += " " + order_by();
  sql += limit_clause();
  common_tables_.resize(outer_tables);
  with_prefix_ = outer_prefix;
  --depth_;
  return sql;
}

std::string Translator::with_clause() {
  if (!accept_word("WITH")) return {};
  const bool recursive = accept_word("RECURSIVE");
  const std::string first_word = recursive ? "WITH RECURSIVE " : "WITH ";
  std::string sql;
  do {
    const std::string name = identifier();
    if (recursive) common_tables_.push_back(name);
    std::string item = engine_identifier(name);
    if (accept_symbol("(")) {
      item += "(";
      do {
        item += (item.back() == '(' ? "" : ", ") + engine_identifier(identifier());
      } while (accept_symbol(","));
      expect_symbol(")");
      item += ")";
    }
    expect_word("AS");
    expect_symbol("(");
    item += " AS (" + query() + ")";
    expect_symbol(")");
    if (!recursive) common_tables_.push_back(name);
    sql += (sql.empty() ? "" : ", ") + item;
    with_prefix_ = (with_prefix_.empty() ? first_word : with_prefix_.substr(0, with_prefix_.size() - 1) + ", ") + item + " ";
  } while (accept_symbol(","));
  return first_word + sql + " ";
}

std::string Translator::set_expression() {
  std::string sql = query_term();
  while (true) {
    std::string word;
    if (accept_word("UNION")) {
      word = accept_word("ALL") ? " UNION ALL " : " UNION ";
      accept_word("DISTINCT");
    } else if (accept_word("EXCEPT") || accept_word("MINUS")) {
      word = " EXCEPT ";
    } else if (accept_word("INTERSECT")) {
      word = " INTERSECT ";
    } else {
      return sql;
    }
    sql += word + query_term();
  }
}

std::string Translator::query_term() {
  if (accept_symbol("(")) {
    const std::string inner = query();
    expect_symbol(")");
    return "(" + inner + ")";
  }
  if (at_word("VALUES")) return values_clause();
  return select_core();
}

std::string Translator::select_core() {
  expect_word("SELECT");
  std::vector<std::string> outer_texts = std::move(json_texts_);
  json_texts_.clear();
  const bool outer_object = std::exchange(row_object_, false);
  std::string head = "SELECT ";
  if (accept_word("DISTINCT")) head += "DISTINCT ";
  accept_word("ALL");
  std::string top;
  if (at_word("TOP") && peek(1).kind == TokenKind::number) {
    next();
    top = " LIMIT " + std::to_string(integer_literal());
  }
  std::string items;
  for (const SelectItem& item : select_list())
    items += (items.empty() ? "" : ", ") + item.sql + (item.name.empty() ? "" : " AS " + engine_identifier(item.name));
  std::string body;
  if (at_word("FROM")) body += from_clause();
  // OBJECT_CONSTRUCT(*) takes the whole row by its name.
  if (row_object_) body = " FROM (SELECT *" + body + ") AS sf_row";
  row_object_ = outer_object;
  if (accept_word("WHERE")) body += " WHERE " + condition();
  for (const std::string& text : json_texts_) json_checks_.push_back(with_prefix_ + "SELECT " + text + body);
  json_texts_ = std::move(outer_texts);
  if (at_word("GROUP")) body += group_by();
  if (accept_word("HAVING")) body += " HAVING " + condition();
  if (accept_word("QUALIFY")) body += " QUALIFY " + condition();
  if (top.empty()) return head + items + body;
  if (at_word("ORDER")) body += " " + order_by();  // the engine's LIMIT stands behind it
  return "(" + head + items + body + top + ")";
}

std::vector<Translator::SelectItem> Translator::select_list() {
  std::vector<SelectItem> items;
  do {
    items.push_back(select_item());
    if (items.size() > 5000) fail();
  } while (accept_symbol(","));
  return items;
}

Translator::SelectItem Translator::select_item() {
  if (accept_symbol("*")) return {"*" + star_suffix(), ""};
  if (peek(1).is_symbol(".") && peek(2).is_symbol("*")) {
    const std::string table = engine_identifier(identifier());
    next();
    next();
    return {table + ".*" + star_suffix(), ""};
  }
  const size_t first = position();
  const Expression value = expression();
  std::string name = value.column.empty() ? expression_name(source(first, position())) : value.column;
  if (accept_word("AS")) {
    name = identifier();
  } else if (peek().kind == TokenKind::quoted || (peek().kind == TokenKind::word && !is_reserved(peek().upper))) {
    name = identifier();
  }
  // An alias that repeats the column would hide from the engine that the column is missing.
  return {value.sql, name == value.column ? "" : name};
}

std::string Translator::star_suffix() {
  if (!accept_word("EXCLUDE")) return {};
  std::string sql = " EXCLUDE (";
  const bool many = accept_symbol("(");
  do {
    sql += (sql.back() == '(' ? "" : ", ") + engine_identifier(identifier());
  } while (many && accept_symbol(","));
  if (many) expect_symbol(")");
  return sql + ")";
}

Expression Translator::transform_item() {
  Expression value = expression();
  if (accept_word("AS")) {
    identifier();
  } else if (peek().kind == TokenKind::quoted || (peek().kind == TokenKind::word && !is_reserved(peek().upper))) {
    identifier();
  }
  return value;
}

std::vector<std::string> Translator::values_row() {
  std::vector<std::string> row;
  expect_symbol("(");
  do {
    row.push_back(at_word("DEFAULT") && !peek(1).is_symbol("(") ? next().upper : expression().sql);
  } while (accept_symbol(","));
  expect_symbol(")");
  return row;
}

std::string Translator::values_clause() {
  expect_word("VALUES");
  std::vector<std::string> outer_texts = std::move(json_texts_);
  json_texts_.clear();
  std::string sql;
  do {
    std::string row;
    for (const std::string& value : values_row()) row += (row.empty() ? "(" : ", ") + value;
    sql += (sql.empty() ? "VALUES " : ", ") + row + ")";
  } while (accept_symbol(","));
  for (const std::string& text : json_texts_) json_checks_.push_back("SELECT " + text);
  json_texts_ = std::move(outer_texts);
  return sql;
}

std::string Translator::expression_list() {
  std::string sql;
  do {
    sql += (sql.empty() ? "" : ", ") + expression().sql;
  } while (accept_symbol(","));
  return sql;
}

std::string Translator::group_by() {
  next();
  expect_word("BY");
  if (accept_word("ALL")) return " GROUP BY ALL";
  return " GROUP BY " + expression_list();
}

// Snowflake sorts NULL as the largest value, the engine puts it last both ways.
std::string Translator::order_by() {
  expect_word("ORDER");
  expect_word("BY");
  std::string sql;
  do {
    sql += (sql.empty() ? "ORDER BY " : ", ") + as_scalar(expression());
    const bool descending = accept_word("DESC");
    if (!descending) accept_word("ASC");
    bool first = descending;
    if (accept_word("NULLS")) {
      first = at_word("FIRST");
      if (!accept_word("FIRST")) expect_word("LAST");
    }
    sql += std::string(descending ? " DESC" : " ASC") + (first ? " NULLS FIRST" : " NULLS LAST");
  } while (accept_symbol(","));
  return sql;
}

std::string Translator::limit_clause() {
  std::string sql;
  if (accept_word("LIMIT")) sql += accept_word("NULL") ? "" : " LIMIT " + as_scalar(expression());
  if (accept_word("OFFSET")) {
    sql += " OFFSET " + as_scalar(expression());
    if (!accept_word("ROWS")) accept_word("ROW");
  }
  if (accept_word("FETCH")) {
    if (!accept_word("FIRST")) accept_word("NEXT");
    sql = " LIMIT " + std::to_string(integer_literal()) + sql;
    if (!accept_word("ROWS")) accept_word("ROW");
    accept_word("ONLY");
  }
  return sql;
}

}  // namespace imednet::sandbox::snowflake
