// sql_views.h: the typed views over a table of records, in a session of its database.
//
// Order:   require_ours() before the study is read; bring_up() in the transaction that wrote the rows.
// Errors:  ExportConfigurationError: schema_mismatch, where something else has the name of a view, or a view would have more columns than
//          the database takes; unsupported, for a PostgreSQL that can't tell JSON from other text (before 16). What the database says
//          otherwise, as SqlSession: a view that others depend on, a schema where none may be made.
// Source:  docs/formats/views.md; ADR 0034.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "sinks/sql/sql_session.h"
#include "sinks/sql/view_statements.h"

namespace imednet::sinks::sql {

class SqlViews {
 public:
  // Place and table outlive it.
  SqlViews(const SqlPlace& place, const TableName& records, std::string study);

  // Throws where the view would be too wide. `view` outlives this.
  void add(TableName name, const table::FormView& view);
  void require_ours(SqlSession& session) const;
  // Every view as it is to be; true when one was made or changed. `warn`: of records that views read nothing of.
  bool bring_up(SqlSession& session, const std::function<void(const std::string&)>& warn) const;
  std::vector<std::string> names() const;

 private:
  [[noreturn]] void refuse(errors::ErrorCode code, const std::string& cause, const std::string& hint) const;
  void require_ours(const ViewStatements& view, const db::Answer& found) const;
  void make(SqlSession& session, const ViewStatements& view, bool is_there, const table::FormView& columns) const;
  bool may_replace(SqlSession& session, const ViewStatements& view, const table::FormView& columns) const;

  const SqlPlace& place_;
  const TableName& records_;
  std::string study_;
  struct One {
    ViewStatements statements;
    const table::FormView& view;
  };
  std::deque<One> views_;
};

}  // namespace imednet::sinks::sql
