// view_bodies.h: the query behind a typed view, as each database has to be asked: one renderer a database over one description
// (table/form_view.h).
//
// Rule:   what an answer's text means is judged in the query as core/answer_values.h judges it; no cast is reached that could fail. The
//         query finds each answer by its key without the case of ASCII letters, the first one of the record, so spellings that come later
//         are found without another definition.
// Source: docs/formats/views.md; ADR 0034.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "sinks/sql/table_name.h"
#include "table/form_view.h"

namespace imednet::sinks::sql {

// What a view is over.
struct ViewGround {
  const TableName& records;
  std::string_view study;
  const table::FormView& view;
};

std::string duckdb_view_body(const ViewGround& ground);
std::string sqlite_view_body(const ViewGround& ground);
std::string postgresql_view_body(const ViewGround& ground);

// Of a row with `record_data_raw`: the condition under which no answer of it can be read.
std::string duckdb_unreadable();
std::string sqlite_unreadable();
std::string postgresql_unreadable();

// `text` with each "@name@" of `values` replaced; what is put in is not looked at again.
std::string filled(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string_view>> values);
// The quoted names of the record's own columns and, with `with_service`, of the service columns, each with `prefix` before it.
std::string plain_columns(const table::FormView& view, bool with_service, std::string_view prefix = {});

inline constexpr std::string_view kUpperLetters = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'", kLowerLetters = "'abcdefghijklmnopqrstuvwxyz'";

}  // namespace imednet::sinks::sql
