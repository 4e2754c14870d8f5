#include "token.h"

#include <array>

#include "identifier.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool continues_name(char c) { return starts_name(c) || is_digit(c) || c == '$'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    while (true) {
      skip_blank();
      Token token = read();
      token.end = at_;
      const bool done = token.kind == TokenKind::end;
      tokens.push_back(std::move(token));
      if (done) return tokens;
    }
  }

 private:
  char here(size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }
  bool done() const { return at_ >= sql_.size(); }
  bool sees(std::string_view text) const { return sql_.substr(at_, text.size()) == text; }

  void skip_blank() {
    while (!done()) {
      if (is_space(here())) {
        ++at_;
      } else if (sees("--") || sees("//")) {
        while (!done() && here() != '\n') ++at_;
      } else if (sees("/*")) {
        const size_t close = sql_.find("*/", at_ + 2);
        if (close == std::string_view::npos) throw syntax_error("unterminated comment.");
        at_ = close + 2;
      } else {
        return;
      }
    }
  }

  Token read() {
    Token token;
    token.begin = at_;
    if (done()) return token;
    const char c = here();
    if (c == '\'') return read_string(token);
    if (sees("$$")) return read_dollar_string(token);
    if (c == '"') return read_quoted(token);
    if (starts_name(c)) return read_word(token);
    if (is_digit(c) || (c == '.' && is_digit(here(1)))) return read_number(token);
    if (c == '$' && is_digit(here(1))) return read_column_index(token);
    if (c == '@') return read_stage(token);
    if (c == '?') {
      ++at_;
      token.kind = TokenKind::bind;
      return token;
    }
    return read_symbol(token);
  }

  Token read_string(Token token) {
    token.kind = TokenKind::string;
    ++at_;
    while (!done()) {
      const char c = here();
      if (c == '\'' && here(1) == '\'') {
        token.text += '\'';
        at_ += 2;
      } else if (c == '\'') {
        ++at_;
        return token;
      } else if (c == '\\') {
        read_escape(token.text);
      } else {
        token.text += c;
        ++at_;
      }
    }
    throw syntax_error("unterminated string literal.");
  }

  void read_escape(std::string& out) {
    const char c = here(1);
    at_ += 2;
    if (c == 'u' || c == 'x') {
      const size_t digits = c == 'u' ? 4 : 2;
      unsigned code = 0;
      for (size_t i = 0; i < digits; ++i) {
        const int digit = hex_digit(here(i));
        if (digit < 0) throw syntax_error("invalid escape in string literal.");
        code = code * 16 + static_cast<unsigned>(digit);
      }
      at_ += digits;
      append_utf8(out, code);
      return;
    }
    static constexpr std::string_view kNames = "bfnrt0";
    static constexpr std::string_view kValues("\b\f\n\r\t\0", 6);
    const size_t known = kNames.find(c);
    out += known == std::string_view::npos ? c : kValues[known];
  }

  Token read_dollar_string(Token token) {
    token.kind = TokenKind::string;
    const size_t close = sql_.find("$$", at_ + 2);
    if (close == std::string_view::npos) throw syntax_error("unterminated $$ string.");
    token.text = std::string(sql_.substr(at_ + 2, close - at_ - 2));
    at_ = close + 2;
    return token;
  }

  Token read_quoted(Token token) {
    token.kind = TokenKind::quoted;
    ++at_;
    while (!done()) {
      if (here() == '"' && here(1) == '"') {
        token.text += '"';
        at_ += 2;
      } else if (here() == '"') {
        ++at_;
        if (token.text.empty()) throw syntax_error("empty identifier \"\".");
        return token;
      } else {
        token.text += here();
        ++at_;
      }
    }
    throw syntax_error("unterminated quoted identifier.");
  }

  Token read_word(Token token) {
    token.kind = TokenKind::word;
    while (!done() && continues_name(here())) ++at_;
    token.text = std::string(sql_.substr(token.begin, at_ - token.begin));
    token.upper = to_upper(token.text);
    // file:// would otherwise start a comment at its slashes.
    if (token.upper == "FILE" && sees("://")) {
      while (!done() && !is_space(here()) && here() != ';') ++at_;
      token.kind = TokenKind::file_url;
      token.text = std::string(sql_.substr(token.begin, at_ - token.begin));
      token.upper.clear();
    }
    return token;
  }

  Token read_number(Token token) {
    token.kind = TokenKind::number;
    while (is_digit(here())) ++at_;
    if (here() == '.' && here(1) != '.') {
      ++at_;
      while (is_digit(here())) ++at_;
    }
    const bool sign = here(1) == '+' || here(1) == '-';
    if ((here() == 'e' || here() == 'E') && is_digit(here(sign ? 2 : 1))) {
      at_ += sign ? 2 : 1;
      while (is_digit(here())) ++at_;
    }
    if (starts_name(here())) throw syntax_error("unexpected '" + std::string(1, here()) + "' after a number.");
    token.text = std::string(sql_.substr(token.begin, at_ - token.begin));
    return token;
  }

  Token read_column_index(Token token) {
    token.kind = TokenKind::column_index;
    ++at_;
    while (is_digit(here())) token.text += sql_[at_++];
    return token;
  }

  // Up to a blank, comma, parenthesis or semicolon; double quotes may hold any of these.
  Token read_stage(Token token) {
    token.kind = TokenKind::stage;
    ++at_;
    bool quoted = false;
    while (!done()) {
      const char c = here();
      if (c == '"') quoted = !quoted;
      if (!quoted && (is_space(c) || c == ',' || c == '(' || c == ')' || c == ';')) break;
      token.text += c;
      ++at_;
    }
    if (quoted) throw syntax_error("unterminated quoted identifier.");
    return token;
  }

  Token read_symbol(Token token) {
    static constexpr std::array<std::string_view, 8> kPairs = {"::", "=>", "<>", "!=", "<=", ">=", "||", "->"};
    token.kind = TokenKind::symbol;
    for (std::string_view pair : kPairs) {
      if (sees(pair)) {
        token.text = std::string(pair);
        at_ += 2;
        return token;
      }
    }
    static constexpr std::string_view kSingles = "()[]{},.;:+-*/%=<>";
    if (kSingles.find(here()) == std::string_view::npos) {
      throw syntax_error("unexpected character '" + std::string(1, here()) + "'.");
    }
    token.text = std::string(1, sql_[at_++]);
    return token;
  }

  std::string_view sql_;
  size_t at_ = 0;
};

}  // namespace

std::vector<Token> tokenize(std::string_view sql) { return Lexer(sql).run(); }

}  // namespace imednet::sandbox::snowflake
