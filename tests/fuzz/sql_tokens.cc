#include "fuzz/sql_tokens.h"

#include <algorithm>

namespace imednet::fuzz {
namespace {

class Reader {
 public:
  Reader(std::string_view sql, Dialect dialect) : rest_(sql), dialect_(dialect) {}

  std::vector<Token> all() {
    std::vector<Token> tokens;
    while (skip_blanks()) tokens.push_back(next());
    return tokens;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || is_digit(c); }

  bool skip_blanks() {
    const std::size_t start = std::min(rest_.find_first_not_of(" \t\r\n\v\f"), rest_.size());
    rest_.remove_prefix(start);
    return !rest_.empty();
  }
  std::string take(std::size_t count) {
    const std::string taken(rest_.substr(0, count));
    rest_.remove_prefix(std::min(count, rest_.size()));
    return taken;
  }
  Token everything_as(Kind kind) { return {kind, take(rest_.size())}; }

  Token next() {
    const bool is_snowflake = dialect_ == Dialect::snowflake;
    if (rest_.starts_with("--") || (is_snowflake && rest_.starts_with("//"))) return {Kind::comment, take(rest_.find('\n'))};
    if (rest_.starts_with("/*")) return closed_by("*/", Kind::comment);
    if (rest_.starts_with("$$")) return closed_by("$$", Kind::text);
    if (rest_.front() == '"') return quoted('"', Kind::quoted_name, false);
    if (rest_.front() == '\'') return quoted('\'', Kind::text, is_snowflake);
    const auto end = static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_word) - rest_.begin());
    if (is_digit(rest_.front())) return {Kind::number, take(end)};
    return end > 0 ? Token{Kind::word, take(end)} : Token{Kind::sign, take(1)};
  }
  Token closed_by(std::string_view mark, Kind kind) {
    const std::size_t end = rest_.find(mark, 2);
    return end == std::string_view::npos ? everything_as(Kind::broken) : Token{kind, take(end + 2)};
  }
  Token quoted(char quote, Kind kind, bool has_escapes) {
    Token token{kind, {}};
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char following = i + 1 < rest_.size() ? rest_[i + 1] : '\0';
      if (rest_[i] == quote && following != quote) {
        rest_.remove_prefix(i + 1);
        return token;
      }
      if (rest_[i] == quote) ++i;
      if (rest_[i] == '\\' && has_escapes) {
        // Snowflake knows more escapes; nothing of ours may ever use one.
        if (following != '\\' && following != '\'') return everything_as(Kind::broken);
        ++i;
      }
      token.value += rest_[i];
    }
    return everything_as(Kind::broken);
  }

  std::string_view rest_;
  Dialect dialect_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view sql, Dialect dialect) { return Reader(sql, dialect).all(); }

}  // namespace imednet::fuzz
