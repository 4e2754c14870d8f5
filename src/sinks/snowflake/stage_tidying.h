// stage_tidying.h: finds the files that exports left on a stage, and removes those it is told to, and no other.
//
// Rule:   own files are <prefix>/<32 hex>/<name>.parquet and what a doctor that was killed left, in the flat layout those
//         <prefix>/<name>.parquet too that the ledger knows; older than the limit by the server's clock.
// Promise: REMOVE takes every path that starts with the one named, so a path that another one starts with is kept; REMOVE's
//         answer may name that file only; LIST afterwards is compared with LIST before.
// Errors: as Session; ExportError (rejected) when REMOVE took another file, unavailable when a removed file is still there.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "sinks/snowflake/connection_check.h"
#include "sinks/snowflake/session.h"
#include "sinks/snowflake/stage_listing.h"

namespace imednet::sinks::snowflake {

struct OldFile {
  ListedFile file;
  bool is_in_ledger = false;
};

struct StageFindings {
  std::vector<OldFile> old;           // own and before the limit
  std::vector<std::string> shadowed;  // would be, but another path starts with theirs: kept
  std::int64_t others = 0;            // foreign or younger: kept
  bool has_ledger = false;
  std::chrono::sys_seconds limit{};
};

inline constexpr std::string_view kDoctorFolder = "doctor-";  // <prefix>/doctor-<run id>/: where `doctor` tries the stage

// Is that path below the stage one that an export in the content layout wrote into `directory`?
bool is_own_path(const StageDirectory& directory, std::string_view path);

class StageTidying {
 public:
  // `config` outlives this.
  StageTidying(Session& session, const integrations::SnowflakeSinkConfig& config, ConnectionNames names, core::Clock& clock)
      : session_(session), config_(config), names_(std::move(names)), clock_(clock) {}

  StageFindings find(std::chrono::seconds older_than);
  // Returns how many of them LIST no longer shows.
  std::int64_t remove(const StageFindings& findings);

 private:
  std::vector<ListedFile> list();
  std::set<std::string, std::less<>> known_paths(bool& has_ledger);
  void remove_one(const std::string& path);
  void attempt(std::string_view step, const std::function<void()>& action);

  Session& session_;
  const integrations::SnowflakeSinkConfig& config_;
  ConnectionNames names_;
  core::Clock& clock_;
};

}  // namespace imednet::sinks::snowflake
