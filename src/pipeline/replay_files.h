// replay_files.h: the files of a replay, found on this machine or fetched from the stage, and compared with the manifest.
//
// Rule:   a kept copy counts when its SHA-256 is the manifest's; else the file is fetched. What lies flat on the stage is
//         fetched in any case, since an upload would rely on it by its name alone.
// Disk:   fetched files lie in the run's temporary folder until its end; whether they fit is asked first.
// Errors: ExportBatchError with the batch: not_found, corrupt. ExportError no_space.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/replay_plan.h"
#include "sinks/snowflake/export_run.h"
#include "staging/file_layout.h"
#include "staging/staged_file.h"

namespace imednet::pipeline {

struct FoundFile {
  staging::StagedFile facts;
  staging::FileLayout layout;
  std::string study, run_id;  // the run that wrote the manifest's line
  std::string table;          // as setting: the line's own, or the one that was named
  bool is_fetched = false;
};

class ReplayFiles {
 public:
  // `kept`: the folder of kept files; all three outlive this.
  ReplayFiles(sinks::snowflake::ExportRun& run, const ReplayGroup& group, const std::optional<std::filesystem::path>& kept)
      : run_(run), group_(group), kept_(kept) {}

  // Every file of the group, in its order. Nothing was written but the temporary folder.
  std::vector<FoundFile> find();

 private:
  // Why the kept copy does not do; nullopt when it does.
  std::optional<std::string> fault_of_kept(const ReplayLine& line) const;
  void plan_fetching();
  void require_room() const;
  std::filesystem::path fetch(const ReplayLine& line, std::size_t number);
  FoundFile judge(const ReplayLine& line, const std::filesystem::path& place) const;
  [[noreturn]] void refuse(const ReplayLine& line, const std::string& cause, errors::ErrorDetail detail) const;
  std::string stage_path(const ReplayLine& line) const;

  sinks::snowflake::ExportRun& run_;
  const ReplayGroup& group_;
  const std::optional<std::filesystem::path>& kept_;
  std::vector<bool> must_fetch_;          // one a line
  std::vector<std::string> kept_faults_;  // one a line; empty: the copy does
  std::map<std::string, std::int64_t> on_stage_;
};

}  // namespace imednet::pipeline
