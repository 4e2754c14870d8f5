#include "array_binds.h"

#include "sql_error.h"
#include "token.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr size_t kMostValues = 1'000'000;

// Where the part that is repeated stands in the statement, as tokens [first, last).
struct Repeated {
  size_t first = 0, last = 0;
  const char* joint = ", ";
};

size_t closing(const std::vector<Token>& tokens, size_t open) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    depth += tokens[i].is_symbol("(") ? 1 : tokens[i].is_symbol(")") ? -1 : 0;
    if (depth == 0) return i;
  }
  throw syntax_error("unbalanced parentheses.");
}

size_t end_of(const std::vector<Token>& tokens) {
  size_t end = tokens.size() - 1;
  while (end > 0 && tokens[end - 1].is_symbol(";")) --end;
  return end;
}

Repeated repeated_part(const std::vector<Token>& tokens) {
  const SqlError unfit = invalid_value("binds with a list of values are taken by an INSERT of one row of VALUES, or of a SELECT, only");
  if (!tokens[0].is_word("INSERT")) throw unfit;
  const size_t end = end_of(tokens);
  for (size_t i = 1; i < end; ++i) {
    if (tokens[i].is_symbol("(")) {
      i = closing(tokens, i);
    } else if (tokens[i].is_word("VALUES") && tokens[i + 1].is_symbol("(")) {
      const Repeated part{i + 1, closing(tokens, i + 1) + 1, ", "};
      if (part.last != end) throw unfit;
      return part;
    } else if (tokens[i].is_word("SELECT")) {
      return {i, end, " UNION ALL "};
    }
  }
  throw unfit;
}

}  // namespace

SpreadInsert spread_insert(const std::string& sql, const std::vector<std::vector<Binding>>& columns) {
  const std::vector<Token> tokens = tokenize(sql);
  const Repeated part = repeated_part(tokens);
  const size_t rows = columns.at(0).size();
  size_t binds = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != TokenKind::bind) continue;
    if (i < part.first || i >= part.last) throw syntax_error("a bind with a list of values stands outside of what is inserted.");
    ++binds;
  }
  if (binds != columns.size()) throw SqlError("002049", "42601", "SQL compilation error:\nBind variable ? not set.");
  if (rows == 0 || rows * binds > kMostValues) throw invalid_value("binds are lists of 1 to 1,000,000 values in all");
  const size_t begin = tokens[part.first].begin, end = tokens[part.last - 1].end;
  const std::string one = sql.substr(begin, end - begin);
  SpreadInsert out{sql.substr(0, begin), {}};
  for (size_t row = 0; row < rows; ++row) {
    out.sql += (row == 0 ? "" : part.joint) + one;
    for (const auto& column : columns) out.bindings.push_back(column.at(row));
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
