// replay.h: loads files again that earlier exports kept or staged, as their manifest names them.
//
// Where it stands: manifest → files kept on this machine, or GET from the stage → SHA-256 → stage → table.
// Promise: every file is found and compared with the manifest before anything is written; then it is loaded with the proof of an
//          export (ledger, COPY's answer, counts). A file that is in already is not loaded again. The manifest is only read.
// Errors:  ExportConfigurationError as an export, and config for a manifest that can't be used as told; ImednetError io, corrupt
//          for one that can't be read. ExportBatchError: not_found (the file is nowhere), corrupt (it is another one).
//          ExportError: duplicates: two files hold the same records, or the table holds rows of the study that are in none of the
//          files. counts_differ: somebody deleted rows from the table. conflict: another run loads the study.
//          unsupported: typed files of one table have a column in two types.
// Limits:  files that have to be fetched lie in the temporary folder together until the end. One sign-in a stage directory and
//          schema of tables.
// Source:  docs/replay.md, docs/formats/manifest.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "imednet/integrations/warehouse.h"

namespace imednet::integrations {

// Which lines of the manifest count.
struct ReplayOptions {
  std::string run_id{};  // that run's only; empty: for each file and table the last line
};

// What became of one study in one table.
struct ReplayedStudy {
  std::string study, table, run_id;          // table in three parts; run id of this load
  std::int64_t rows_in_files = 0;            // in the files' footers
  std::int64_t rows_loaded = 0;              // rows Snowflake says it loaded in this run
  std::int64_t rows_skipped = 0;             // rows of files that were in already
  std::int64_t rows_in_target = 0;           // the study's live rows in the table afterwards
  std::vector<BatchReport> batch_reports{};  // one a file, in record_id order
};

// Everything that was counted. Shape of the JSON form: docs/replay.md.
struct ReplayReport {
  std::string started_at, finished_at;                                // UTC, to the second
  std::int64_t rows_in_files = 0, rows_loaded = 0, rows_skipped = 0;  // sums over `studies`
  std::int64_t files = 0, files_kept = 0, files_fetched = 0;          // kept: read from local_staging_dir; fetched: by GET
  std::int64_t bytes_fetched = 0;                                     // of the files that were fetched
  double seconds = 0;                                                 // of the whole run
  bool reconciled = false;                                            // files = loaded + skipped <= in target, in every study
  std::vector<ReplayedStudy> studies{};                               // in the order they were loaded
  std::vector<std::string> warnings{};                                // for people
};

// Loads the files of `manifest`, of any layout. Of `config` the connection and the retries count, and: `table`, `stage` (empty: each line's
// own; typed files go to <table>_<FORM KEY> and <table>_DIM_<NAME>),
// local_staging_dir (where kept files are looked for; nothing is written there), manifest_path (another one, for new lines),
// create_table, ledger settings, allow_duplicates. Mode, prefix, layout and batch size are those of the lines.
ReplayReport replay_to_snowflake(const std::filesystem::path& manifest, const SnowflakeSinkConfig& config,
                                 const ReplayOptions& options = {});

// A finished replay as one JSON object (the command's --output json).
std::string to_json(const ReplayReport& report, int exit_code);

}  // namespace imednet::integrations
