// view_statements.h: statements about the typed views over a table of records.
//
// Rule:   what an answer's text means is judged in the query as core/answer_values.h judges it; every cast is a TRY_, so no row can make a
//         query fail. A VARIANT has forgotten in which order keys stood and how a number was spelt: of an answer whose key stands there in
//         two spellings nothing is shown, and of a text that is no VARIANT only what reading it can't have changed.
//         A view carries a mark in its comment: whose it is (table, view, study and form) and a digest of what made it.
// Source: Snowflake's SQL reference; docs/formats/views.md; ADR 0034.
#pragma once

#include <string>
#include <string_view>

#include "sinks/snowflake/statements.h"
#include "table/form_view.h"

namespace imednet::sinks::snowflake {

class ViewStatements {
 public:
  // `name`: of the view, which outlives this.
  ViewStatements(ObjectName records, ObjectName name, std::string study, const table::FormView& view);

  const ObjectName& name() const noexcept { return name_; }

  // Of a view's comment.
  bool is_ours(std::string_view comment) const;         // made by an export of this study, form and table
  static bool is_made_by_us(std::string_view comment);  // the same, of any study, form and table
  bool is_up_to_date(std::string_view comment) const { return comment == comment_; }

  SqlText create() const;   // fails where the name is taken
  SqlText replace() const;  // keeps what was granted

 private:
  std::string definition() const;

  ObjectName records_, name_;
  std::string study_;
  const table::FormView& view_;
  std::string query_, whose_, comment_;
};

// NAME and COMMENT of the views whose names may begin with that of `records`; NAME of such tables. Neither needs a warehouse.
SqlText show_views_of(const ObjectName& records);
SqlText show_tables_of(const ObjectName& records);
// UNREAD_ROWS: live rows of the study of which a view can read no answer. DOUBLE_ROWS: those with a key in more than one spelling.
SqlText unreadable_rows(const ObjectName& records, std::string_view study);

}  // namespace imednet::sinks::snowflake
