#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::sandbox::snowflake {

enum class TokenKind {
  word,    // keyword or bare identifier
  quoted,  // "identifier"
  string,  // 'text' or $$text$$
  number,
  symbol,        // operators and punctuation
  column_index,  // $1
  stage,         // @name/path
  file_url,      // file://path
  bind,          // ?
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;   // words as written, quoted names and strings without their quotes
  std::string upper;  // words in upper case, empty otherwise
  size_t begin = 0;   // where the token stands in the statement
  size_t end = 0;

  bool is_word(std::string_view word) const { return kind == TokenKind::word && upper == word; }
  bool is_symbol(std::string_view symbol) const { return kind == TokenKind::symbol && text == symbol; }
};

// Comments (-- // and slash-star) are dropped; the last token is `end`. Throws SqlError 001003.
std::vector<Token> tokenize(std::string_view sql);

}  // namespace imednet::sandbox::snowflake
