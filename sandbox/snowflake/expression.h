#pragma once

#include <string>

namespace imednet::sandbox::snowflake {

// A translated expression. A path into a VARIANT (col:a.b[0]) keeps its base and path apart,
// because what it becomes depends on what is done with it: text, number or JSON.
struct Expression {
  std::string sql;
  std::string base;    // of a path
  std::string path;    // "$.\"a\"", empty when this is no path
  std::string column;  // name of the column, when it is one
  bool number_literal = false;
  bool text_literal = false;
  bool text = false;    // known to be VARCHAR
  bool json = false;    // known to be VARIANT
  bool staged = false;  // $1:name: its path may go on with a dot
  bool date = false;    // known to be a DATE

  bool is_path() const { return !path.empty(); }
};

// One that is nothing but its SQL.
Expression plain(std::string sql);

// The path's value as text: quotes of a JSON string dropped, JSON null and missing are NULL.
std::string as_text(const Expression& value);
// For functions that take a scalar: a path as text, everything else as it is.
std::string as_scalar(const Expression& value);
// For functions that take numbers.
std::string as_number(const Expression& value);
// For functions that take a VARIANT.
std::string as_json(const Expression& value);

}  // namespace imednet::sandbox::snowflake
