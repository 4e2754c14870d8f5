// form_parts.h: a form's columns over several tables, where one would be wider than a destination takes.
//
// Rule:    the first part has the record's own columns, variables in the form's order while there is room, `_raw`, `_extra`, `_rest_hash`
// and
//          `_row_hash`; each further part `study_key`, `record_id`, variables and its own `_row_hash`. A variable whose column stands in a
//          part stays there; others go to the last part, or to a new one when that is full. A part that is there stays one.
// Promise: a row of the first part changes whenever an answer of its record does, in whatever part: `_rest_hash` is the row hash over the
//          values in the others, null when there is none.
// Source:  docs/formats/forms-layout.md ("Wide forms"); ADR 0035.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "table/layout.h"

namespace imednet::table {

inline constexpr std::string_view kRestHash = "_rest_hash";

// What a table takes for a layout: the destination's own columns are no part of it.
struct TableRoom {
  std::size_t columns = SIZE_MAX;    // at most
  std::size_t row_bytes = SIZE_MAX;  // of all values of a row at most, whatever they are
  std::size_t text_bytes = 0;        // what a text may take of these at most
  std::size_t other_bytes = 0;       // what any other value may
  bool tells_case = false;           // two columns may differ in case alone
};

// A table of the form as it stands, whoever made its columns.
struct TableThere {
  std::vector<std::string> columns;
};

struct FormPart {
  std::size_t number = 1;
  std::vector<Column> columns;
  std::vector<std::size_t> places;  // in a whole row: of its columns, hashes left out
  Layout layout{};
};

}  // namespace imednet::table
