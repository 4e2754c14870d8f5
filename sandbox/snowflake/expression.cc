#include "expression.h"

#include "identifier.h"

namespace imednet::sandbox::snowflake {

Expression plain(std::string sql) {
  Expression out;
  out.sql = std::move(sql);
  return out;
}

std::string as_text(const Expression& value) {
  if (value.is_path()) return "json_extract_string(" + value.base + ", " + quote_text(value.path) + ")";
  // sf_text names its argument many times: text of texts of texts would grow without end.
  if (value.json) return "json_extract_string(" + value.sql + ", '$')";
  return value.text || value.text_literal ? value.sql : "sf_text(" + value.sql + ")";
}

std::string as_scalar(const Expression& value) { return value.is_path() ? as_text(value) : value.sql; }

std::string as_number(const Expression& value) {
  if (value.text_literal) return "CAST(" + value.sql + " AS DECIMAL(18,5))";  // [doc: text in arithmetic is a number]
  return value.is_path() ? "CAST(" + as_text(value) + " AS DOUBLE)" : value.sql;
}

std::string as_json(const Expression& value) { return value.json ? value.sql : "sf_json(" + value.sql + ")"; }

}  // namespace imednet::sandbox::snowflake
