#include "sinks/sql/dialect.h"

#include <array>

namespace imednet::sinks::sql {
namespace {

constexpr std::array<Dialect, 3> kDialects{{
    {.engine = Engine::duckdb,
     .system = "duckdb",
     .title = "DuckDB",
     .vendor = "duckdb",
     .driver = "duckdb",
     .entrypoint = "duckdb_adbc_init",
     .temporary = "temp",
     .default_schema = "current_schema()",
     .begin = "BEGIN",
     .begin_reading = "BEGIN TRANSACTION READ ONLY",
     .guard = "",
     .text = "VARCHAR",
     .integer = "BIGINT",
     .boolean = "BOOLEAN",
     .timestamp = "TIMESTAMP",
     .json = "JSON",
     .real = "DOUBLE",
     .date = "DATE",
     .name_bytes = 255,
     .columns = 100'000,
     .page_bytes = 0,
     .folds_names = false,
     .has_comments = true,
     .wants_index = false,
     .replaces_views = true,
     .holds_nul = true,
     .is_loosely_typed = false},
    {.engine = Engine::sqlite,
     .system = "sqlite",
     .title = "SQLite",
     .vendor = "SQLite",
     .driver = "sqlite",
     .entrypoint = "",
     .temporary = "temp",
     .default_schema = "",
     .begin = "BEGIN IMMEDIATE",
     .begin_reading = "BEGIN",
     .guard = "PRAGMA query_only = ON",
     .text = "TEXT",
     .integer = "INTEGER",
     .boolean = "BOOLEAN",
     .timestamp = "TIMESTAMP",
     .json = "TEXT",
     .real = "REAL",
     .date = "DATE",
     .name_bytes = 255,
     .columns = 2'000,
     .page_bytes = 0,
     .folds_names = false,
     .has_comments = false,
     .wants_index = true,
     .replaces_views = false,
     .holds_nul = true,
     .is_loosely_typed = true},
    {.engine = Engine::postgresql,
     .system = "postgresql",
     .title = "PostgreSQL",
     .vendor = "PostgreSQL",
     .driver = "postgresql",
     .entrypoint = "",
     .temporary = "pg_temp",
     .default_schema = "current_schema()",
     .begin = "BEGIN",
     .begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
     .guard = "",
     .text = "text",
     .integer = "bigint",
     .boolean = "boolean",
     .timestamp = "timestamp without time zone",
     .json = "json",
     .real = "double precision",
     .date = "date",
     .name_bytes = 63,
     .columns = 1'600,
     .page_bytes = 8'192,
     .folds_names = true,
     .has_comments = true,
     .wants_index = true,
     .replaces_views = true,
     .holds_nul = false,
     .is_loosely_typed = false},
}};

}  // namespace

const Dialect& dialect_of(Engine engine) { return kDialects[static_cast<std::size_t>(engine)]; }

std::span<const Dialect> dialects() { return kDialects; }

std::string_view type_of(const Dialect& dialect, table::ColumnKind kind) {
  using table::ColumnKind;
  switch (kind) {
    case ColumnKind::integer:
      return dialect.integer;
    case ColumnKind::boolean:
      return dialect.boolean;
    case ColumnKind::timestamp:
    case ColumnKind::moment:
      return dialect.timestamp;
    case ColumnKind::real:
      return dialect.real;
    case ColumnKind::date:
      return dialect.date;
    case ColumnKind::json:
      return dialect.json;
    default:
      return dialect.text;
  }
}

}  // namespace imednet::sinks::sql
