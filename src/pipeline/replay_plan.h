// replay_plan.h: which files a replay loads, and whereto: decided from the manifest alone; nothing here talks to anyone.
//
// Rule:   of several lines for one file and table the last one counts, of a dimension's the last one for its table: it was replaced.
// Errors: ExportConfigurationError naming the batch; ExportError duplicates for files that hold the same records.
// Source: docs/replay.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/integrations/replay.h"
#include "ledger/manifest.h"
#include "sinks/snowflake/stage_path.h"

namespace imednet::pipeline {

struct ReplayLine {
  ledger::ManifestLine line;
  sinks::snowflake::StagePath path;
  std::string table;  // as setting: the line's own, or the one that was named, which typed tables have in their names
};

// Lines whose files lie in one directory of a stage and go into tables of one schema: what one session is made for.
struct ReplayGroup {
  std::string stage, table;  // as settings; the table of one of the lines
  std::string prefix;
  bool is_flat = false;
  std::vector<ReplayLine> lines;  // in the order of the manifest
};

// `config` says which table and stage stand in place of the lines' own, and what unqualified names mean.
std::vector<ReplayGroup> plan_replay(const ledger::Manifest& manifest, const std::filesystem::path& path,
                                     const integrations::SnowflakeSinkConfig& config, std::string_view run_id);

// The records of one file that a replay would load.
struct FileRange {
  std::string study, table;
  std::int64_t first = 0, last = 0;
  std::string batch_id, run_id;
};

// First and last id stand for all between them: two files of a study in one table may not reach into each other.
void require_no_overlap(std::vector<FileRange> ranges);

}  // namespace imednet::pipeline
