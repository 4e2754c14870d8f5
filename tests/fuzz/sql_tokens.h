// sql_tokens.h: SQL cut into tokens by its documents' rules, written apart from the code that quotes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imednet::fuzz {

enum class Dialect { snowflake, duckdb };
enum class Kind { word, quoted_name, text, number, sign, comment, broken };

struct Token {
  Kind kind;
  std::string value;  // of a quoted name or a text: what it stands for
  friend bool operator==(const Token&, const Token&) = default;
};

// Never throws; what is not closed is one broken token up to the end.
std::vector<Token> tokens_of(std::string_view sql, Dialect dialect);

}  // namespace imednet::fuzz
