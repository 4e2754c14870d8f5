// records_layout.h: the columns of the `records` layout, version 1, as data. No Arrow here: whoever makes SQL, checks a
// table or writes a page of documentation reads this one list.
//
// Where it stands: this → {Arrow schema, row hash, Snowflake DDL and COPY list}.   Format: docs/formats/records-layout.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace imednet::table {

inline constexpr std::string_view kRecordsLayout = "records";
inline constexpr int kRecordsLayoutVersion = 1;

// What a column holds, whatever the destination calls it.
enum class ColumnKind : std::uint8_t {
  text,     // UTF-8
  integer,  // 64-bit signed
  boolean,
  timestamp,  // microseconds since 1970, UTC
  json,       // exact JSON text that a VARIANT holds faithfully: loaded through PARSE_JSON
  json_raw,   // exact JSON text that a VARIANT does not hold faithfully: loaded as text
  hash,       // 32 lower-case hex digits
};

struct Column {
  std::string_view name;
  ColumnKind kind;
  bool nullable;
  std::string_view comment;
};

// The twenty data columns, then `_row_hash`, in the order of the file.
std::span<const Column> records_columns();

inline constexpr std::size_t kRecordsDataColumns = 20;
inline constexpr std::size_t kRecordsColumns = 21;

}  // namespace imednet::table
