// replay_tables.h: the files of a replay by study and table: which table each goes to, and which columns that table has to have.
//
// Rule:   a typed file goes to the table that its line names; when another one was named, to <that>_<FORM KEY> or <that>_DIM_<NAME>. A
// table of
//         typed rows gets the columns of all its files.
// Errors: ExportError unsupported: two files have a column of two types. ExportConfigurationError (config): a typed table of which
//         nobody knows what it belongs to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/replay_files.h"
#include "sinks/snowflake/export_run.h"

namespace imednet::pipeline {

// The files of one study that go into one table.
struct ReplayTable {
  sinks::snowflake::ExportRun* run = nullptr;
  std::string study;
  std::string leased;                                           // the table that an export of these rows takes the lease for
  std::vector<FoundFile*> files;                                // by record id
  std::unique_ptr<const table::OwnedLayout> layout{};           // null: of records
  std::unique_ptr<const sinks::snowflake::TableShape> shape{};  // of `layout`
  std::unique_ptr<sinks::snowflake::Loader> loader{};           // of the table
};

// Tables that are under one lease stand together. `is_named`: a table was named for all of them. Files and run outlive this.
std::vector<ReplayTable> replay_tables(sinks::snowflake::ExportRun& run, std::vector<FoundFile>& files, bool is_named);

}  // namespace imednet::pipeline
