// typed_views.h: the typed views over a table of records, in the run's session.
//
// Order:   look() before the study is read; bring_up() after its rows were counted: DDL commits by itself, so views are in no transaction.
// Rule:    a view is made anew only when its mark says that it was made of something else; COPY GRANTS keeps who may read it. Nothing here
//          but count_unreadable() needs a warehouse.
// Errors:  ExportConfigurationError: schema_mismatch, where something else has the name of a view; permission_denied with the GRANT to ask
//          for. Else as Session.
// Source:  docs/formats/views.md; ADR 0034.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sinks/snowflake/connection.h"
#include "sinks/snowflake/view_statements.h"

namespace imednet::sinks::snowflake {

class TypedViews {
 public:
  // `connection` outlives this.
  TypedViews(Connection& connection, std::string study);

  // `view` outlives this.
  void add(ObjectName name, const table::FormView& view);
  // Throws where something that is not ours has the name of one of them.
  void look();
  // Every view as it is to be; true when one was made.
  bool bring_up();
  // Warns of the study's live records of which views show nothing, or not all.
  void count_unreadable();
  std::vector<std::string> names() const;

 private:
  [[noreturn]] void refuse(const std::string& cause, const std::string& hint) const;
  void make(const ViewStatements& view, bool is_there);

  Connection& connection_;
  std::string study_;
  std::deque<ViewStatements> views_;
  std::map<std::string, std::string> there_;  // name of a view to its comment
};

}  // namespace imednet::sinks::snowflake
