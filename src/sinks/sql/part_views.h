// part_views.h: views that join the tables of a form that is wider than one table.
//
// Rule:   one view of all columns, hashes left out, where the database lets a view be that wide; else one for each further table: the
// record's
//         own columns, that table's variables, the service columns. A row that a further table lacks is shown, with nulls.
//         A view's columns keep their places; new ones come at its end.
// Errors: ExportConfigurationError (schema_mismatch) for a view of that name that is not ours; else as SqlSession.
// Source: docs/formats/forms-layout.md ("Wide forms"); ADR 0035.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sinks/sql/catalog.h"

namespace imednet::sinks::sql {

// The tables of one form, and what its views are called.
struct SplitForm {
  std::vector<TableName> tables;  // the first one first
  TableName all;
  std::vector<TableName> each;  // of the further tables, in their order
};

class PartViews {
 public:
  // All of these outlive it.
  PartViews(SqlSession& session, const Statements& statements, const Dialect& dialect, const Widths& widths)
      : session_(session), statements_(statements), dialect_(dialect), widths_(widths) {}

  // After the tables have their columns. True: something was changed.
  bool bring_up(const SplitForm& form, const std::function<void(const std::string&)>& warn);

 private:
  using Columns = std::vector<Statements::ViewColumn>;
  Columns columns_to_show(const SplitForm& form) const;
  bool set(const TableName& view, const std::vector<TableName>& tables, Columns columns);
  bool drop(const TableName& view);

  SqlSession& session_;
  const Statements& statements_;
  const Dialect& dialect_;
  const Widths& widths_;
};

}  // namespace imednet::sinks::sql
