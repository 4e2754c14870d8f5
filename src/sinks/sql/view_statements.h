// view_statements.h: statements about the typed views over a table of records, and how a view of ours is told from another's.
//
// Rule:   a view carries a mark: whose it is (table, view, study and form) and a digest of what made it. SQLite keeps it in the definition,
//         the others in the view's comment. PostgreSQL's comments outlive a definition that somebody replaces, so a digest of the
//         definition as it shows it stands there too.
// Source: docs/formats/views.md; ADR 0034.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/adbc.h"
#include "sinks/sql/sql_statements.h"
#include "sinks/sql/view_bodies.h"

namespace imednet::sinks::sql {

class ViewStatements {
 public:
  // Dialect and view outlive it. `name`: of the view.
  ViewStatements(const Dialect& dialect, TableName records, TableName name, std::string study, const table::FormView& view);

  const TableName& name() const noexcept { return name_; }

  // KIND (view, or anything else), NOTE, DEFINITION (where the mark is in it, or beside it) of what has the view's name; no row where
  // nothing has.
  SqlText find() const;
  // Of an answer to find(), which has a row.
  bool is_ours(const db::Answer& found) const;        // made by an export of this study, form and table
  bool is_made_by_us(const db::Answer& found) const;  // the same, of any study, form and table
  bool is_up_to_date(const db::Answer& found) const;

  SqlText create() const;
  SqlText replace() const;  // keeps what was granted; only where the columns that are there stay as they are
  SqlText drop() const;
  // What people read beside the columns, and the mark; none where the database has no comments. `found`: find() after create().
  std::vector<SqlText> comments(const db::Answer& found) const;
  // ROW_COUNT: live rows of the study of which the view can read no answer.
  static SqlText unreadable_rows(const Dialect& dialect, const TableName& records, std::string_view study);
  // VERSION: of the server, as a number; PostgreSQL only.
  static SqlText version();

 private:
  std::string body() const;
  std::string mark() const;
  std::string note(std::string_view definition) const;

  const Dialect& dialect_;
  TableName records_, name_;
  std::string study_;
  const table::FormView& view_;
  std::string body_;
};

}  // namespace imednet::sinks::sql
