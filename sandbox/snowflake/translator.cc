#include "translator.h"

#include <algorithm>

#include "sql_error.h"

namespace imednet::sandbox::snowflake {

Translator::Translator(std::vector<Token> tokens, std::string sql, NameResolver& resolver, std::vector<Binding> bindings)
    : tokens_(std::move(tokens)), sql_(std::move(sql)), resolver_(resolver), bindings_(std::move(bindings)) {}

const Token& Translator::peek(size_t ahead) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

Token Translator::next() {
  const Token token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool Translator::accept_word(std::string_view word) {
  if (!at_word(word)) return false;
  next();
  return true;
}

bool Translator::accept_words(std::string_view first, std::string_view second) {
  if (!at_word(first) || !at_word(second, 1)) return false;
  next();
  next();
  return true;
}

void Translator::expect_word(std::string_view word) {
  if (!accept_word(word)) fail();
}

bool Translator::accept_symbol(std::string_view symbol) {
  if (!peek().is_symbol(symbol)) return false;
  next();
  return true;
}

void Translator::expect_symbol(std::string_view symbol) {
  if (!accept_symbol(symbol)) fail();
}

void Translator::expect_end() {
  while (accept_symbol(";")) {
  }
  if (peek().kind != TokenKind::end) fail();
}

void Translator::fail() const {
  const Token& token = peek();
  const std::string_view before = std::string_view(sql_).substr(0, token.begin);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column = newline == std::string_view::npos ? token.begin : token.begin - newline - 1;
  const std::string what = token.kind == TokenKind::end ? "<EOF>" : sql_.substr(token.begin, token.end - token.begin);
  throw syntax_error("syntax error line " + std::to_string(line) + " at position " + std::to_string(column) + " unexpected '" + what +
                     "'.");
}

bool Translator::has_word(std::string_view word) const {
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const Token& token) { return token.is_word(word); });
}

size_t Translator::statement_count() const {
  size_t count = 0;
  bool inside = false;
  for (const Token& token : tokens_) {
    if (token.is_symbol(";") || token.kind == TokenKind::end) {
      count += inside ? 1 : 0;
      inside = false;
    } else {
      inside = true;
    }
  }
  return count;
}

std::string Translator::source(size_t first_token, size_t last_token) const {
  if (last_token <= first_token) return {};
  const size_t begin = tokens_[first_token].begin;
  return sql_.substr(begin, tokens_[last_token - 1].end - begin);
}

std::string Translator::identifier() {
  if (peek().kind == TokenKind::quoted) return next().text;
  if (peek().kind != TokenKind::word) fail();
  return next().upper;
}

ObjectName Translator::object_name() {
  // IDENTIFIER('a.b') and IDENTIFIER(?) carry the name as text.
  if (at_word("IDENTIFIER") && peek(1).is_symbol("(")) {
    next();
    next();
    std::string text;
    if (peek().kind == TokenKind::bind) {
      next();
      if (next_binding_ >= bindings_.size() || !bindings_[next_binding_].value) throw invalid_value("bind variable missing for IDENTIFIER");
      text = *bindings_[next_binding_++].value;
    } else {
      text = string_literal();
    }
    expect_symbol(")");
    Translator inner(tokenize(text), text, resolver_);
    const ObjectName name = inner.object_name();
    inner.expect_end();
    return name;
  }
  std::vector<std::string> parts = {identifier()};
  while (parts.size() < 3 && accept_symbol(".")) {
    // "db..table" leaves the schema out.
    parts.push_back(peek().is_symbol(".") ? std::string() : identifier());
  }
  ObjectName name;
  name.name = parts.back();
  if (parts.size() >= 2) name.schema = parts[parts.size() - 2];
  if (parts.size() == 3) name.database = parts[0];
  return name;
}

std::string Translator::string_literal() {
  if (peek().kind != TokenKind::string) fail();
  return next().text;
}

long long Translator::integer_literal() {
  const Token token = peek();
  if (token.kind != TokenKind::number || token.text.size() > 18 || token.text.find_first_not_of("0123456789") != std::string::npos) fail();
  next();
  return std::stoll(token.text);
}

ColumnType Translator::column_type() {
  if (peek().kind != TokenKind::word) fail();
  const std::string name = next().upper;
  if (name == "DOUBLE") accept_word("PRECISION");
  if (name == "CHAR" || name == "CHARACTER") accept_word("VARYING");
  long numbers[2] = {-1, -1};
  if (accept_symbol("(")) {
    for (int i = 0; i < 2; ++i) {
      numbers[i] = static_cast<long>(integer_literal());
      if (!accept_symbol(",")) break;
    }
    expect_symbol(")");
  }
  return make_type(name, numbers[0], numbers[1]);
}

std::vector<std::string> Translator::take_json_checks() { return std::exchange(json_checks_, {}); }
std::vector<std::string> Translator::take_json_texts() { return std::exchange(json_texts_, {}); }

}  // namespace imednet::sandbox::snowflake
