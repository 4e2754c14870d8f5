// layout.h: the columns of a file, and of the table that takes its rows, as data. No Arrow here: whoever makes SQL, checks a table or
// writes a page of documentation reads this list.
//
// Where it stands: this → {Arrow schema, row hash, staged file, DDL}.   Formats: docs/formats/records-layout.md, forms-layout.md
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace imednet::table {

// What a column holds, whatever the destination calls it.
enum class ColumnKind : std::uint8_t {
  text,     // UTF-8
  integer,  // 64-bit signed
  boolean,
  timestamp,  // microseconds since 1970, UTC
  json,       // exact JSON text that a VARIANT holds faithfully: loaded through PARSE_JSON
  json_raw,   // exact JSON text, as text
  hash,       // 32 lower-case hex digits
  real,       // a finite double, never minus zero
  date,       // days since 1970
  moment,     // microseconds since 1970 by a clock of which no zone is known
};

struct Column {
  std::string_view name;
  ColumnKind kind;
  bool nullable;
  std::string_view comment;
};

struct Layout {
  std::string_view name;  // in a file's metadata and in ledgers
  int version;
  std::span<const Column> columns;  // in the order of the file; the last one is `_row_hash`
  std::string_view key;             // the integer column that tells its rows apart and that they rise by
  bool has_labels;                  // comments are people's own words, and go into a file's metadata
  bool is_part = false;             // its rows are the further columns of rows that stand in another table
};

}  // namespace imednet::table
