#include "reserved_words.h"

#include <set>

namespace imednet::sandbox::snowflake {

bool is_reserved(std::string_view upper_word) {
  static const std::set<std::string_view> kWords = {"ALL",     "ALTER",  "AND",       "ANY",     "AS",      "AT",        "BEFORE",
                                                    "BETWEEN", "BY",     "CASE",      "CAST",    "CHECK",   "CONNECT",   "CREATE",
                                                    "CROSS",   "DELETE", "DISTINCT",  "DROP",    "ELSE",    "EXCEPT",    "EXISTS",
                                                    "FETCH",   "FOR",    "FOLLOWING", "FROM",    "FULL",    "GRANT",     "GROUP",
                                                    "HAVING",  "ILIKE",  "IN",        "INNER",   "INSERT",  "INTERSECT", "INTO",
                                                    "IS",      "JOIN",   "LATERAL",   "LEFT",    "LIKE",    "LIMIT",     "MATCH_RECOGNIZE",
                                                    "MERGE",   "MINUS",  "NATURAL",   "NOT",     "NULL",    "OFFSET",    "ON",
                                                    "OR",      "ORDER",  "PIVOT",     "QUALIFY", "REGEXP",  "REVOKE",    "RIGHT",
                                                    "RLIKE",   "SAMPLE", "SELECT",    "SET",     "SOME",    "TABLE",     "TABLESAMPLE",
                                                    "THEN",    "TO",     "UNION",     "UNIQUE",  "UNPIVOT", "UPDATE",    "USING",
                                                    "VALUES",  "WHEN",   "WHERE",     "WITH"};
  return kWords.contains(upper_word);
}

}  // namespace imednet::sandbox::snowflake
