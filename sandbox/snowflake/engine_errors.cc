#include "engine_errors.h"

#include <vector>

#include "identifier.h"

namespace imednet::sandbox::snowflake {

namespace {

struct Rule {
  const char* engine_says;
  const char* code;
  const char* sql_state;
  const char* message;  // %1 is the first quoted part of the engine's message
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> kRules = {
      {"must appear in the GROUP BY clause", "000979", "42601",
       "SQL compilation error:\n'%1' in select clause is neither an aggregate nor in the group by clause."},
      {"Ambiguous reference", "002028", "42601", "SQL compilation error:\nambiguous column name '%1'"},
      {"More than one row returned by a subquery", "090150", "22000", "Single-row subquery returns more than one row."},
      {"cannot contain aggregates", "002036", "42601", "SQL compilation error:\nInvalid aggregate function in this place"},
      {"NOT NULL constraint failed", "100072", "22000", "NULL result in a non-nullable column"},
      {"CHECK constraint failed", "100078", "22000", "String is too long and would be truncated"},
      {"Division by zero", "100051", "22012", "Division by zero"},
      {"to DECIMAL", "100038", "22018", "Numeric value '%1' is not recognized"},
      {"to INT", "100038", "22018", "Numeric value '%1' is not recognized"},
      {"to DOUBLE", "100038", "22018", "Numeric value '%1' is not recognized"},
      {"to TIME", "100108", "22007", "Time '%1' is not recognized"},
      {"Could not parse string", "100096", "22007", "Can't parse '%1' with the format"},
      {"to BOOL", "100037", "22018", "Boolean value '%1' is not recognized"},
      {"timestamp field value", "100035", "22007", "Timestamp '%1' is not recognized"},
      {"timestamp field format", "100035", "22007", "Timestamp '%1' is not recognized"},
      {"date field format", "100040", "22007", "Date '%1' is not recognized"},
      {"date field value", "100040", "22007", "Date '%1' is not recognized"},
      {"Malformed JSON", "100069", "22P02", "Error parsing JSON"},
      {"Out of Range Error", "100039", "22003", "Numeric value out of range"},
      {"INTERRUPT", "000604", "57014", "SQL execution canceled"},
      {"Interrupted", "000604", "57014", "SQL execution canceled"},
      {"but this column cannot be referenced", "000904", "42000", "SQL compilation error:\ninvalid identifier '%1'"},
      {"Referenced column", "000904", "42000", "SQL compilation error:\ninvalid identifier '%1'"},
      {"Referenced table", "000904", "42000", "SQL compilation error:\ninvalid identifier '%1'"},
      {"does not have a column", "000904", "42000", "SQL compilation error:\ninvalid identifier '%1'"},
      {"Table with name", "002003", "42S02", "SQL compilation error:\nObject does not exist or not authorized."},
      {"parquet", "100152", "22000", "Error reading Parquet file"},
      {"Parquet", "100152", "22000", "Error reading Parquet file"},
      {"Conversion Error", "100071", "22000", "Failed to cast a value"},
      {"Binder Error", "001007", "22023", "SQL compilation error:\ninvalid expression"},
      {"Parser Error", "001003", "42000", "SQL compilation error:\nsyntax error"},
      {"Catalog Error", "002140", "42601", "SQL compilation error:\nunknown object"},
  };
  return kRules;
}

// The first '...' or "..." of the message.
std::string quoted_part(const std::string& message) {
  const size_t open = message.find_first_of("'\"");
  if (open == std::string::npos) return {};
  const size_t close = message.find(message[open], open + 1);
  return close == std::string::npos ? std::string() : decode_name(message.substr(open + 1, close - open - 1));
}

}  // namespace

SqlError engine_failure(const std::string& message) {
  const std::string first_line = decode_name(message.substr(0, message.find('\n')));
  for (const Rule& rule : rules()) {
    if (message.find(rule.engine_says) == std::string::npos) continue;
    std::string text = rule.message;
    if (const size_t mark = text.find("%1"); mark != std::string::npos) {
      text.replace(mark, 2, quoted_part(message));
    } else {
      // What the engine says is told only where nothing better is known.
      if (std::string_view(rule.engine_says).ends_with("Error")) text += " [" + first_line + "]";
    }
    return SqlError(rule.code, rule.sql_state, text);
  }
  return SqlError("000603", "XX000", "SQL execution internal error: " + first_line);
}

}  // namespace imednet::sandbox::snowflake
