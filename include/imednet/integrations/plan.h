// plan.h: what an export would do, found out without a write anywhere but this machine's temporary folder.
//
// Where it stands: imednet plan → this → the iMednet API (read in full), Snowflake, DuckDB, SQLite, PostgreSQL (asked only).
// Promise: the numbers are those of the export that runs next, if neither side changes before.
// Errors:  as the export before its first write; what an export would refuse stands in `refusal` instead.
// Limits:  memory is that of one batch's ids and hashes beside the export's own.
// Source:  docs/plan.md; ADR 0012, 0021.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/integrations/sql.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"

namespace imednet::integrations {

// What would be done. Counts are of records and rows unless they say files.
struct ExportPlan {
  std::string study, mode, method, table;                   // method: nothing, copy, merge, replace, append; as in ExportReport
  bool makes_table = false, makes_ledger = false;           // they are missing and would be made
  std::vector<std::string> makes_tables;                    // tables of the study that are missing and would be made
  std::vector<std::string> adds_columns;                    // columns the table lacks; elsewhere than in Snowflake <table>.<column>
  std::int64_t rows_read = 0;                               // records of the API
  std::int64_t files = 0, files_in = 0, files_to_load = 0;  // of the export; in already; not yet
  std::int64_t rows_in_table = 0;                           // live rows of the study as they are
  std::int64_t rows_in = 0;                                 // of files that are in already
  std::int64_t rows_inserted = 0, rows_updated = 0, rows_unchanged = 0;  // of files to load
  std::int64_t rows_vanished = 0;                                        // live rows whose record is gone; they would be marked
  std::vector<FormReport> forms;                                         // rows_in_target: as it would be, -1: not known
  std::string paging;                                                    // how the API was read: keyset, offset
  std::string since;                  // only records changed at or after this UTC time would be read; empty: all
  std::exception_ptr refusal;         // the ExportError an export would end with; null: none
  std::vector<std::string> warnings;  // as in ExportReport
};

// Reads the study and asks the destination. Takes no lease: a run that is going on makes the numbers old.
ExportPlan plan_export_to_snowflake(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config);

// The same for a table of a DuckDB file; layout forms: for all its tables together, `files` being those of dimensions as
// well. What one moment shows of them: DuckDB opens the file read-only, the transaction is only read.
ExportPlan plan_export_to_duckdb(const ImednetSDK& sdk, std::string_view study_key, const DuckDbConfig& config);
// As plan_export_to_duckdb, of a table of SQLite or PostgreSQL.
ExportPlan plan_export_to_sql(const ImednetSDK& sdk, std::string_view study_key, const SqlConfig& config);

// A plan as one JSON object; `exit_code`: that of the export's refusal, else 0.
std::string to_json(const ExportPlan& plan, int exit_code);

}  // namespace imednet::integrations
