// tidying.h: what exports left behind and nobody needs any more: old files on the stage, leftovers on this machine.
//
// Where it stands: imednet gc → this → LIST, REMOVE; the temporary folder; the run-state folder.
// Rule:    on the stage only <prefix>/<32 hex>/<name>.parquet counts (docs/formats/staged-file.md), and a doctor's trial file; in
//          the flat layout <prefix>/<name>.parquet too where IMEDNET_LOADS knows it. Age is judged by Snowflake's clock; here by this
//          machine's.
// Promise: nothing is removed that was not shown; each file is named by its whole path, and counted again afterwards.
// Errors:  ExportConfigurationError as an export; ExportError rejected or unavailable when REMOVE did not do what it said.
// Source:  Snowflake LIST and REMOVE; docs/gc.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "imednet/integrations/warehouse.h"

namespace imednet::integrations {

// What to look for.
struct TidyOptions {
  std::chrono::seconds older_than = std::chrono::hours(24 * 30);  // files changed since then stay
  std::filesystem::path state_directory{};  // run-state files lie in its runs/; unset: $XDG_STATE_HOME/imednet, ~/.local/state/imednet
};

// A file of an earlier export on the stage.
struct StageLeftover {
  std::string path, last_modified;  // below the stage; UTC, to the second
  std::int64_t bytes = 0;           // as LIST says
  bool is_in_ledger = false;        // false: uploaded, and as far as IMEDNET_LOADS knows never loaded
};

// A folder or file of a run that has ended, on this machine.
struct LocalLeftover {
  std::filesystem::path path{};  // absolute
  std::string last_changed{};    // UTC, to the second
  std::int64_t bytes = 0;        // a folder's with all it holds
  bool is_folder = false;        // the temporary folder of a dead process; else a run-state file
};

// What would go, and what stays.
struct Leftovers {
  std::string stage, ledger, limit;        // "@DB.SCHEMA.STAGE/prefix", "DB.SCHEMA.IMEDNET_LOADS"; limit: UTC, by Snowflake's clock
  bool has_stage = false;                  // false: only this machine was looked at
  bool has_ledger = false;                 // IMEDNET_LOADS is there
  std::vector<StageLeftover> stage_files;  // by path
  std::vector<std::string> kept;           // old, but another file's path starts with theirs, and REMOVE would take both
  std::int64_t other_files = 0;            // younger, or not an export's
  std::vector<LocalLeftover> local;        // folders, then files, by path

  // Is there nothing to remove?
  bool empty() const noexcept { return stage_files.empty() && local.empty(); }
};

// What went.
struct TidyReport {
  Leftovers found;                    // what was looked for and shown
  bool was_removing = false;          // it was asked to remove
  std::int64_t stage_files_gone = 0;  // of them LIST shows none any more
  std::int64_t local_gone = 0;        // folders and files
};

// Shows what was found to `may_remove` and removes it when that says yes. Signs in once.
TidyReport tidy_snowflake(const SnowflakeSinkConfig& config, const TidyOptions& options,
                          const std::function<bool(const Leftovers&)>& may_remove);

// The same for this machine alone; needs no Snowflake.
TidyReport tidy_local(const TidyOptions& options, const std::function<bool(const Leftovers&)>& may_remove);

}  // namespace imednet::integrations
