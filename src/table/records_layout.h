// records_layout.h: the columns of the `records` layout, version 1, as data. No Arrow here: whoever makes SQL, checks a
// table or writes a page of documentation reads this one list.
//
// Where it stands: this → {Arrow schema, row hash, Snowflake DDL and COPY list}.   Format: docs/formats/records-layout.md
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "table/layout.h"

namespace imednet::table {

inline constexpr std::string_view kRecordsLayout = "records";
inline constexpr int kRecordsLayoutVersion = 1;

// The twenty data columns, then `_row_hash`, in the order of the file.
std::span<const Column> records_columns();
const Layout& records_layout();
// Whether the rows of that layout are records; else they are what records refer to.
inline bool holds_records(const Layout& layout) { return layout.key == records_layout().key; }
// Whether its rows are counted as records; those of a part were counted already.
inline bool counts_records(const Layout& layout) { return holds_records(layout) && !layout.is_part; }

inline constexpr std::size_t kRecordsDataColumns = 20;
inline constexpr std::size_t kRecordsColumns = 21;

}  // namespace imednet::table
