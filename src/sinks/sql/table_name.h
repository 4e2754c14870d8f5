// table_name.h: names that may stand in a statement for DuckDB, SQLite or PostgreSQL, and the only way to make them.
//
// Rule:   [A-Za-z_][A-Za-z0-9_$]* stands as it is (PostgreSQL: in lower case, as it reads such a name itself), "Mixed name" with its quotes
//         is exact. One or two dotted parts for a table. Names of our own tables (imednet_…) and of the database's (sqlite_…) are refused.
// Errors: ExportConfigurationError (invalid_argument) naming the setting.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sinks/sql/dialect.h"

namespace imednet::sinks::sql {

class TableName {
 public:
  // As the user wrote it: "records", "study_data.records", "\"My records\"".
  static TableName parse(std::string_view text, const Dialect& dialect);
  // One of our own in the same schema; of the safe form already.
  TableName beside(std::string_view own) const;
  // Beside it: its own name, "_" and `suffix`, as they are, cut to what the database takes (table::shortened).
  TableName with(std::string_view suffix, const Dialect& dialect) const;
  // A temporary one of this session.
  static TableName temporary(std::string_view own, const Dialect& dialect);

  const std::optional<std::string>& schema() const noexcept { return schema_; }
  const std::string& name() const noexcept { return name_; }
  std::string sql() const;   // always quoted
  std::string text() const;  // for people, ledger and manifest: study_data.records

 private:
  TableName(std::optional<std::string> schema, std::string name) : schema_(std::move(schema)), name_(std::move(name)) {}

  std::optional<std::string> schema_;
  std::string name_;
};

// A name between double quotes; a text as a literal.
std::string quote_name(std::string_view name);
std::string quote_text(std::string_view text);

}  // namespace imednet::sinks::sql
