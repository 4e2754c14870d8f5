// catalog.h: what stands in a database before anything is written: tables, what the ledger says of them, and how wide a table may be.
//
// Errors: as SqlSession.   Source: ADR 0035.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sinks/sql/sql_session.h"
#include "table/form_parts.h"

namespace imednet::sinks::sql {

// How wide a table may be at most, the service columns included.
struct Widths {
  std::size_t columns = 0;
  std::size_t page_bytes = 0;  // 0: a row may be of any length
};

// Asked of the database where it can say so, else as its dialect has it.
Widths widths_of(SqlSession& session, const Statements& statements, const Dialect& dialect);

class Catalog {
 public:
  // Without a session: a database that is not there yet. All of these outlive it.
  Catalog(SqlSession* session, const Statements& statements, const Dialect& dialect)
      : session_(session), statements_(statements), dialect_(dialect) {}

  // For the columns of a layout.
  table::TableRoom room() const;
  // Names of its columns in their order; none: there is no such table or view.
  std::vector<std::string> columns(const TableName& table) const;
  // Tables that files of the study and of this layout are in, by text, each with the id of one of its batches.
  struct Loaded {
    std::string table, batch_id;
  };
  std::vector<Loaded> loaded(const std::string& study, std::string_view layout) const;

 private:
  SqlSession* session_;
  const Statements& statements_;
  const Dialect& dialect_;
};

// What a table's columns say it is. A further table of a form has its record's key and no form; a view of ours has the key and no hashes.
bool is_further_part(const std::vector<std::string>& columns);
bool is_joining_view(const std::vector<std::string>& columns);

}  // namespace imednet::sinks::sql
