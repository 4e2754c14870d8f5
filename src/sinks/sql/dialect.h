// dialect.h: what each database wants said differently, as data: one row a database.
//
// Source: DuckDB's, SQLite's and PostgreSQL's SQL references; ADR 0032.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "table/records_layout.h"

namespace imednet::sinks::sql {

enum class Engine : std::uint8_t { duckdb, sqlite, postgresql };

struct Dialect {
  Engine engine;
  std::string_view system;                                               // in errors, commands and addresses
  std::string_view title;                                                // for people
  std::string_view vendor;                                               // as its driver says
  std::string_view driver;                                               // as the driver manager finds it
  std::string_view entrypoint;                                           // of the driver's library; empty: its own
  std::string_view temporary;                                            // the schema that temporary tables stand in
  std::string_view default_schema;                                       // an expression; empty: it has none
  std::string_view begin;                                                // a transaction that will write
  std::string_view begin_reading;                                        // one that sees a single moment and writes nothing
  std::string_view guard;                                                // keeps a session from writing; empty: begin_reading does
  std::string_view text, integer, boolean, timestamp, json, real, date;  // types, as its catalog spells them
  std::size_t name_bytes;                                                // of an identifier at most
  std::size_t columns;                                                   // of a table, a view or an answer at most
  std::size_t page_bytes;                                                // that a row has to fit into; 0: it may be of any length
  bool folds_names;                                                      // a name without quotes becomes lower case
  bool has_comments;                                                     // of columns
  bool wants_index;                                                      // for looking records up by id
  bool replaces_views;                                                   // by a statement of its own, which keeps what is made of them
  bool holds_nul;                                                        // a text may hold U+0000
  bool is_loosely_typed;  // values, not columns, have types: stamps are text, booleans numbers
};

const Dialect& dialect_of(Engine engine);
// All of them, in the order of Engine.
std::span<const Dialect> dialects();

std::string_view type_of(const Dialect& dialect, table::ColumnKind kind);

}  // namespace imednet::sinks::sql
