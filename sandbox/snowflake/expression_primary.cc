#include <algorithm>

#include "functions.h"
#include "reserved_words.h"
#include "sql_error.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

Expression Translator::primary() {
  switch (peek().kind) {
    case TokenKind::number:
    case TokenKind::string:
      return literal();
    case TokenKind::bind:
      return bind_value();
    case TokenKind::column_index:
      return staged_column();
    case TokenKind::quoted:
      return name_or_call();
    case TokenKind::symbol:
      if (peek().is_symbol("(")) return parenthesized();
      fail();
    case TokenKind::word:
      break;
    default:
      fail();
  }
  if (at_word("CASE")) return case_expression();
  if (at_word("NULL")) return next(), plain("NULL");
  if (at_word("TRUE") || at_word("FALSE")) return plain(next().upper);
  if ((at_word("CAST") || at_word("TRY_CAST")) && peek(1).is_symbol("(")) return cast_call(next().upper == "TRY_CAST");
  if (at_word("EXISTS") && peek(1).is_symbol("(")) {
    next();
    next();
    const std::string inner = query();
    expect_symbol(")");
    return plain("EXISTS (" + inner + ")");
  }
  const bool typed = at_word("DATE") || at_word("TIMESTAMP") || at_word("TIME");
  if (typed && peek(1).kind == TokenKind::string) {
    const std::string type = next().upper;
    Expression out = plain("CAST(" + quote_text(string_literal()) + " AS " + type + ")");
    out.date = type == "DATE";
    return out;
  }
  if (at_word("INTERVAL") && peek(1).kind == TokenKind::string) return interval();
  return name_or_call();
}

Expression Translator::literal() {
  Expression out;
  if (peek().kind == TokenKind::number) {
    const std::string text = next().text;
    out.number_literal = true;
    out.sql = text;
    return out;
  }
  const std::string text = next().text;
  out.text_literal = true;
  out.sql = quote_text(text);
  // The engine ends a statement's text at a NUL.
  if (text.find('\0') != std::string::npos) throw invalid_value("a string literal holds a NUL character");
  return out;
}

Expression Translator::bind_value() {
  next();
  if (next_binding_ >= bindings_.size()) throw SqlError("002049", "42601", "SQL compilation error:\nBind variable ? not set.");
  const Binding& binding = bindings_[next_binding_++];
  if (!binding.value) return plain("NULL");
  const std::string& text = *binding.value;
  if (binding.type == "FIXED") {
    const Translator number(tokenize(text), text, resolver_);
    const size_t sign = number.peek().is_symbol("-") ? 1 : 0;
    if (number.peek(sign).kind != TokenKind::number || number.peek(sign + 1).kind != TokenKind::end)
      throw invalid_value("bad numeric bind value");
    Expression out = plain(text);
    out.number_literal = true;
    return out;
  }
  if (binding.type == "REAL") return plain("CAST(" + quote_text(text) + " AS DOUBLE)");
  if (binding.type == "BOOLEAN") return plain("CAST(" + quote_text(text) + " AS BOOLEAN)");
  if (binding.type == "DATE") return plain("CAST(epoch_ms(CAST(" + quote_text(text) + " AS BIGINT)) AS DATE)");
  if (binding.type.starts_with("TIMESTAMP")) return plain("make_timestamp(CAST(" + quote_text(text) + " AS BIGINT) // 1000)");
  if (binding.type == "BINARY") return plain("unhex(" + quote_text(text) + ")");
  if (binding.type != "TEXT" && binding.type != "ANY") throw invalid_value("bind type " + binding.type + " is not supported");
  return plain(quote_text(text));
}

Expression Translator::case_expression() {
  next();
  std::string sql = "CASE";
  if (!at_word("WHEN")) sql += " " + as_scalar(expression());
  do {
    expect_word("WHEN");
    sql += " WHEN " + as_scalar(expression());
    expect_word("THEN");
    sql += " THEN " + expression().sql;
  } while (at_word("WHEN"));
  if (accept_word("ELSE")) sql += " ELSE " + expression().sql;
  expect_word("END");
  return plain("(" + sql + " END)");
}

Expression Translator::cast_call(bool trying) {
  next();
  const Expression value = expression();
  expect_word("AS");
  const ColumnType type = column_type();
  expect_symbol(")");
  if (!trying) return cast(value, type);
  if (type.kind == TypeKind::text || type.semi_structured()) return cast(value, type);
  if (type.kind == TypeKind::boolean) return plain("sf_try_boolean(" + as_text(value) + ")");
  return plain("TRY_CAST(" + as_text(value) + " AS " + engine_type(type) + ")");
}

Expression Translator::interval() {
  next();
  const std::string text = string_literal();
  for (char c : text) {
    const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '-' || c == ',';
    if (!fine) fail();
  }
  std::string parts = text;
  std::replace(parts.begin(), parts.end(), ',', ' ');
  return plain("(INTERVAL " + quote_text(parts) + ")");
}

Expression Translator::parenthesized() {
  next();
  if (at_query()) {
    const std::string inner = query();
    expect_symbol(")");
    return plain("(" + inner + ")");
  }
  Expression value = expression();
  if (peek().is_symbol(",")) {
    std::string row = "(" + as_scalar(value);
    while (accept_symbol(",")) row += ", " + as_scalar(expression());
    expect_symbol(")");
    return plain(row + ")");
  }
  expect_symbol(")");
  if (!value.is_path()) value.sql = "(" + value.sql + ")";
  value.column.clear();
  return value;
}

// $1, $1:name, and the same after a table alias.
Expression Translator::staged_column() {
  if (staged_row_ == nullptr) throw unsupported("Columns by number outside of COPY");
  if (next().text != "1") fail();
  Expression out;
  if (peek().is_symbol(":")) {
    next();
    const Token name = next();
    if (name.kind != TokenKind::word && name.kind != TokenKind::quoted) fail();
    out.sql = staged_row_->column(name.text);
    out.staged = true;
    return out;
  }
  if (peek().is_symbol("[") && peek(1).kind == TokenKind::string) {
    next();
    out.sql = staged_row_->column(next().text);
    expect_symbol("]");
    return out;
  }
  out.sql = staged_row_->whole();
  out.json = true;
  return out;
}

Expression Translator::name_or_call() {
  const Token first = peek();
  if (first.kind == TokenKind::word && peek(1).is_symbol("(")) return call(first.upper);
  if (first.kind == TokenKind::word && is_reserved(first.upper)) fail();
  if (first.kind == TokenKind::word && first.upper.starts_with("METADATA$")) {
    if (staged_row_ == nullptr) fail();
    return plain(staged_row_->metadata(next().upper));
  }
  std::vector<std::string> parts = {identifier()};
  while (peek().is_symbol(".")) {
    next();
    if (peek().kind == TokenKind::column_index) return staged_column();
    if (parts.size() == 4) fail();
    parts.push_back(identifier());
  }
  if (parts.size() == 1 && first.kind == TokenKind::word) {
    if (const auto value = session_word(first.upper, resolver_, deferred_)) {
      Expression word = plain(*value);
      word.date = first.upper == "CURRENT_DATE";
      return word;
    }
  }
  Expression out;
  out.column = parts.back();
  out.sql = engine_identifier(parts.back());
  if (parts.size() > 1) out.sql = engine_identifier(parts[parts.size() - 2]) + "." + out.sql;
  return out;
}

std::string Translator::window() {
  expect_symbol("(");
  std::string sql = " OVER (";
  if (accept_words("PARTITION", "BY")) sql += "PARTITION BY " + expression_list() + " ";
  if (at_word("ORDER")) sql += order_by() + " ";
  if (at_word("ROWS") || at_word("RANGE")) {
    sql += next().upper + " ";
    for (int words = 0; !peek().is_symbol(")"); ++words) {
      if (words > 12) fail();
      const Token token = next();
      if (token.kind != TokenKind::word && token.kind != TokenKind::number) fail();
      sql += token.text + " ";
    }
  }
  expect_symbol(")");
  return sql + ")";
}

}  // namespace imednet::sandbox::snowflake
