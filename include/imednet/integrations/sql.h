// sql.h: a study into a table of DuckDB, SQLite or PostgreSQL: one transaction, proved before it is committed.
//
// Where it stands: sdk.records() → staged Parquet files → one transaction → table, imednet_loads, imednet_runs.
// Shape:   one row a record, the `records` layout (docs/formats/sql-tables.md): its data columns, _row_hash, _file, _run_id, _loaded_at,
// _deleted_at. Units:   stamps are UTC without a zone. Promise: after an error the database is as it was. Before COMMIT every row that was
// written is read back and its hash computed anew, and the live rows
//          are as many as the API's records, form by form.
// Errors:  ExportConfigurationError: the database can't be opened (unauthenticated, permission_denied, not_found, unavailable), a refused
// name or
//          address (invalid_argument, config, unsupported), a table of another kind (schema_mismatch). ExportError: conflict (another
//          program has it open, or another run was faster: run again), duplicates, shrink, counts_differ, in_doubt. ApiError as reading.
// Limits:  not for warehouses: a Snowflake address is refused (warehouse.h). A DuckDB file is held only while rows are loaded, not while
// they are read. Source:  the Snowflake export guide (export_to_sql; "DuckDB / local-analytical path"); ADR 0032.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "imednet/integrations/layout.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"
#include "imednet/secret.h"

namespace imednet::integrations {

// How a study is brought into a table, whatever database it is of.
struct TableLoad {
  WriteMode mode = WriteMode::automatic;                     // as for Snowflake; append is guarded against doubles
  std::size_t batch_size = 50'000;                           // rows a file, and rows that are handed over at once
  int connections = 0;                                       // as SnowflakeSinkConfig::connections
  int max_retries = 3;                                       // after the first attempt: of each request, and of the whole transaction
  std::chrono::milliseconds retry_backoff{1000};             // attempt n (from 0) waits retry_backoff * 2^n
  LayoutChoice layout{};                                     // one table of records, or a typed table a form: <table>_<form key>
  bool idempotent = true;                                    // false: load every file again; but for append the study's rows are replaced
  bool allow_duplicates = false;                             // append: load although rows stand twice then
  bool allow_shrink = false;                                 // other modes: although a form, or half of the study, is gone
  bool create_table = true;                                  // make the table when it is missing
  std::optional<std::filesystem::path> local_staging_dir{};  // kept; unset: a temporary directory, removed on every way out
  std::optional<std::filesystem::path> manifest_path{};      // JSON lines, one a loaded batch; appended to
  std::optional<std::filesystem::path> report_path{};        // a page (HTML) for people that says what the run did; replaced
  std::stop_token stop{};                                    // ends the export: cancelled, the database is as it was
  std::function<void(const ExportProgress&)> on_progress{};  // called on the exporting thread
};

// A table in a DuckDB file.
struct DuckDbConfig {
  std::filesystem::path path{};  // the file; made when missing; required
  std::string table{};           // one or two dotted parts, as it is or "quoted"; required
  std::string driver{};          // name or path for the ADBC driver manager; empty: the one that came with this library
  TableLoad load{};              // everything else
};

// A table in SQLite or PostgreSQL.
struct SqlConfig {
  Secret uri{};          // sqlite:///relative.db, sqlite:////absolute.db, postgresql://user:password@host:port/database; required
  std::string table{};   // one or two dotted parts, folded as the database folds names, or "quoted"; required
  std::string driver{};  // as DuckDbConfig::driver
  TableLoad load{};      // everything else
};

// A table in a DuckDB file, batch by batch. One write_batch is one transaction: the rows are handed over and counted, written, read back,
// their hashes computed anew, and a line in imednet_loads and imednet_runs makes it whole; COMMIT. Tried again as TableLoad says; a COMMIT
// whose answer was lost is asked for. Of TableLoad `mode`, `batch_size`, `connections`, `allow_duplicates` and `allow_shrink` do not apply.
// The database is opened for each batch and left after it: between batches the file is free for others, who may hold a batch up
// (conflict, tried again), threads of this process as well as other programs. A run that exports the study meanwhile, and ends after a
// batch, ends with conflict.
class DuckDbExportSink final : public StagedSink {
 public:
  // Opens the database and checks the table, where they are there; writes nothing. Throws ExportConfigurationError.
  explicit DuckDbExportSink(DuckDbConfig config);
};

// The same for a table in SQLite or PostgreSQL.
class SqlExportSink final : public StagedSink {
 public:
  // As DuckDbExportSink.
  explicit SqlExportSink(SqlConfig config);
};

// Exports a whole study into a DuckDB table. The report's `table` is "duckdb:<file>#<table>".
ExportReport export_to_duckdb(const ImednetSDK& sdk, std::string_view study_key, const DuckDbConfig& config);

// Exports a whole study into a SQLite or PostgreSQL table. The report's `table` is "sqlite:<file>#<table>" or
// "postgresql://<host>/<database>#<table>".
ExportReport export_to_sql(const ImednetSDK& sdk, std::string_view study_key, const SqlConfig& config);

}  // namespace imednet::integrations
