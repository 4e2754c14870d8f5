// form_view.h: what a typed view of one form shows over a table of the `records` layout, as data.
//
// Where it stands: FormLayout → this → one renderer a database (sinks/sql/view_statements.h).
// Shape:  the columns of the `forms` layout, names and types as there, without those that only typed rows have: `_raw`, `_extra`,
//         `_row_hash`.
// Rule:   a column of an answer shows the first answer of the record whose key is the variable's name without the case of ASCII letters,
//         read as in the `forms` layout: what is no value of the type is null.
// Source: docs/formats/views.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "table/form_layout.h"

namespace imednet::table {

// An answer that a view shows.
struct ViewAnswer {
  std::string key;  // folded
  AnswerKind kind = AnswerKind::text;
};

// Where a column's values come from.
enum class ViewSource : std::uint8_t {
  record,  // the record's own column of that name
  value,   // the answer as a value of its type
  text,    // a date's exact text
};

struct ViewColumn {
  const Column* column = nullptr;  // name, type and label
  ViewSource source = ViewSource::record;
  std::size_t answer = 0;  // its place in FormView::answers
};

struct FormView {
  std::string form_key;
  std::vector<ViewAnswer> answers;
  std::vector<ViewColumn> columns;
};

// Refers to columns of `form`, which outlives it.
FormView view_of(const FormLayout& form);

}  // namespace imednet::table
