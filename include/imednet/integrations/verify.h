// verify.h: whether what exports loaded is still there, as it was, and is still what the API holds: long after they ended.
//
// Where it stands: manifest and run totals → this → kept files, Snowflake, or the iMednet API. The API → this → tables of DuckDB, SQLite
// and PostgreSQL, or a folder of Parquet files, which need no manifest.
// Promise: nothing is written anywhere but in the temporary folder. A single record that is altered, missing, or there without
//          reason is found; records are named by id alone. What can't be compared counts as a fault, never as good.
// Errors:  differences are in the report. ImednetError io for a manifest that can't be read; ExportConfigurationError and ApiError as
//          an export's own.
// Limits:  Snowflake: at most two statements a study and table that need a warehouse; the first compares checksums on the server, the
//          second fetches rows, in bounded memory, only of files whose rows differ or have no checksum. One sign-in a stage directory.
//          Elsewhere every row is read and its hash computed anew from its values, in bounded memory; a database shows one moment.
// Source:  docs/verify.md, docs/formats/manifest.md; ADR 0024, 0036.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/integrations/parquet.h"
#include "imednet/integrations/sql.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"

namespace imednet::integrations {

// What is looked at, and how much of it is told.
struct VerifyOptions {
  std::string study{};            // of a manifest only this one; empty: every study and table that it knows
  std::size_t ids_kept = 10'000;  // ids in each list of the report; their counts are always whole
};

// Records that differ, by id.
struct RecordIds {
  std::int64_t count = 0;           // of all of them
  std::vector<std::int64_t> ids{};  // of ids_kept at most, rising
};

// Records of one form.
struct VerifiedForm {
  std::string form_key;                            // empty: they name none
  std::int64_t rows_expected = 0, rows_found = 0;  // records that should be there; rows that are
};

// One study in one table.
struct VerifiedStudy {
  std::string study, table, run_id;                // run_id: of its newest run
  std::int64_t files = 0;                          // that hold its records
  std::int64_t rows_expected = 0, rows_found = 0;  // records that should be there; rows that are
  std::int64_t rows_compared = 0;                  // one by one; the others by checksum
  std::int64_t statements = 0;                     // sent to Snowflake that need a warehouse
  RecordIds missing{}, extra{}, stale{};           // not there; there without reason, or twice; there with other content
  std::vector<VerifiedForm> forms{};               // by form key; none from a manifest, nor of a dimension
  std::vector<std::string> faults{};               // for people: a file or a part of the study that can't be proved
  bool is_good() const;                            // nothing differs and there is no fault
};

// Everything that was compared. Shape of the JSON form: docs/verify.md.
struct VerifyReport {
  std::string manifest{}, against{};        // path, empty where none is needed; snowflake, files, api
  std::string started_at{}, finished_at{};  // UTC, to the second
  double seconds = 0;                       // of all of it
  std::int64_t lines = 0, runs = 0;         // of the manifest; in the chain of its totals
  std::vector<std::string> faults{};        // of the manifest and its totals; with one nothing else is looked at
  std::vector<VerifiedStudy> studies{};     // in the order of the totals
  std::vector<std::string> warnings{};      // for people
  bool is_good() const;                     // no fault, and every study is good
};

// Kept files: bytes, SHA-256, rows, every row's hash computed anew, content hash. `kept`: the exports' local_staging_dir.
VerifyReport verify_files(const std::filesystem::path& manifest, const std::filesystem::path& kept, const VerifyOptions& options = {});

// The live rows of each table: of records, of a form, of a dimension. Of `config` the connection and retries count, and: `table` (the one
// that was named), `stage` (empty: those of the manifest) and local_staging_dir (where kept files are looked for before the stage is asked;
// nothing is written there).
VerifyReport verify_snowflake(const std::filesystem::path& manifest, const SnowflakeSinkConfig& config, const VerifyOptions& options = {});

// The same rows against the records that the API holds now, read in full and proved as by an export; of typed tables with what the newest
// run chose. Records changed since the last run are stale, new ones missing, vanished ones extra.
VerifyReport verify_api(const ImednetSDK& sdk, const std::filesystem::path& manifest, const SnowflakeSinkConfig& config,
                        const VerifyOptions& options = {});

// The study's live rows in a table of a DuckDB file against the records that the API holds now, read in full and proved as by an export;
// layout forms: those of every table, each a VerifiedStudy. Of `config` place, table and driver count, and of its load layout,
// connections, retries, batch size (rows that are asked for at once), stop and on_progress. Nothing is written there.
VerifyReport verify_duckdb(const ImednetSDK& sdk, std::string_view study_key, const DuckDbConfig& config,
                           const VerifyOptions& options = {});

// The same of a table of SQLite or PostgreSQL.
VerifyReport verify_sql(const ImednetSDK& sdk, std::string_view study_key, const SqlConfig& config, const VerifyOptions& options = {});

// A folder that export_to_parquet made, against its own manifest: every file is there with its size and SHA-256, and there is nothing else.
VerifyReport verify_parquet_files(std::string_view study_key, const std::filesystem::path& directory);

// The same, and then the rows of its files, their hashes computed anew, against the records that the API holds now; layout forms: each
// form and dimension is a VerifiedStudy. Of `config` all count; the layout has to be that of the folder. Nothing is written there.
VerifyReport verify_parquet(const ImednetSDK& sdk, std::string_view study_key, const ParquetConfig& config,
                            const VerifyOptions& options = {});

// A finished comparison as one JSON object (the command's --output json).
std::string to_json(const VerifyReport& report, int exit_code);

}  // namespace imednet::integrations
