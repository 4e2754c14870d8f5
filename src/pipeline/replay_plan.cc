#include "pipeline/replay_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/redact.h"
#include "imednet/errors.h"
#include "pipeline/form_names.h"
#include "pipeline/typed_table.h"
#include "table/dimensions.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using integrations::SnowflakeSinkConfig;
using ledger::ManifestLine;
using sinks::snowflake::Identifier;
using sinks::snowflake::ObjectName;
using sinks::snowflake::StageDirectory;
using sinks::snowflake::StagePath;

constexpr std::size_t kNameShown = 200;
constexpr std::size_t kRunsNamed = 10;

[[noreturn]] void refuse(const std::string& message, std::string hint, ErrorCode code = ErrorCode::config) {
  throw errors::ExportConfigurationError(message, {.code = code, .hint = std::move(hint), .origin = {.system = "local"}});
}

[[noreturn]] void refuse_run(const ledger::Manifest& manifest, const std::filesystem::path& path, std::string_view run_id) {
  std::set<std::string, std::greater<>> runs;  // the newest first
  for (const ManifestLine& line : manifest.lines) {
    if (!line.run_id.empty()) runs.insert(core::redact(line.run_id, kNameShown));
  }
  const std::size_t count = runs.size();
  while (runs.size() > kRunsNamed) runs.erase(std::prev(runs.end()));
  refuse(fmt::format("cannot replay {}: it has no line of the run {}", path.string(), core::redact(run_id, kNameShown)),
         runs.empty() ? "it names no runs at all; leave --run out"
                      : fmt::format("its runs: {}{}", fmt::join(runs, ", "), count > runs.size() ? ", …" : ""));
}

void require_usable(const ManifestLine& line, const std::filesystem::path& path, const SnowflakeSinkConfig& config) {
  const std::string batch = core::redact(line.batch_id, kNameShown);
  if (line.sha256.empty()) {
    refuse(fmt::format("cannot replay the batch {} of {}: its line has no sha256 to compare the file with", batch, path.string()),
           "another program wrote that line; name a run of this one with --run, or export the study again", ErrorCode::unsupported);
  }
  if (line.table.empty() && config.table.empty())
    refuse(fmt::format("cannot replay the batch {} of {}: its line names no table", batch, path.string()), "name the table with --table");
}

// Stage directory, layout and schema as they are, however they were written down.
using GroupKey = std::tuple<std::string, bool, std::string>;
using FileKey = std::tuple<std::size_t, std::string, std::string>;  // group, table, file

// A dimension is one file, and the table it went to says so too: a caller's own batch may be called like one.
std::string file_key(const ManifestLine& line, const StagePath& path) {
  for (const std::string_view dimension : table::kDimensions) {
    if (line.batch_id.ends_with(fmt::format("/{}/0", series_of_dimension(dimension))) &&
        line.table.ends_with("_" + dimension_suffix(dimension)))
      return line.batch_id;
  }
  return path.relative();
}

}  // namespace

std::vector<ReplayGroup> plan_replay(const ledger::Manifest& manifest, const std::filesystem::path& path, const SnowflakeSinkConfig& config,
                                     std::string_view run_id) {
  const Identifier database = Identifier::parse(config.database, "database");
  const Identifier schema = Identifier::parse(config.schema, "schema");
  std::vector<ReplayGroup> groups;
  std::map<GroupKey, std::size_t> by_key;
  std::set<FileKey> taken;
  bool has_lines = false;
  for (auto line = manifest.lines.rbegin(); line != manifest.lines.rend(); ++line) {  // the last one counts
    if (!run_id.empty() && line->run_id != run_id) continue;
    has_lines = true;
    require_usable(*line, path, config);
    StagePath file = StagePath::parse(line->stage_path);
    if (!config.stage.empty()) file.stage = config.stage;
    const StageDirectory directory(StageDirectory::parse_stage(file.stage, database, schema), file.prefix);
    const ObjectName table =
        config.table.empty() ? sinks::snowflake::parse_table_text(line->table) : ObjectName::parse(config.table, database, schema, "table");
    const std::string in_schema = table.database().sql() + "." + table.schema().sql();
    const auto [group, is_new] = by_key.try_emplace({directory.sql(), file.hash.empty(), in_schema}, groups.size());
    if (is_new) groups.push_back({file.stage, table.sql(), file.prefix, file.hash.empty(), {}});
    if (taken.emplace(group->second, table.sql(), file_key(*line, file)).second)
      groups[group->second].lines.push_back({*line, std::move(file), table.sql()});
  }
  if (!has_lines && !run_id.empty()) refuse_run(manifest, path, run_id);
  for (ReplayGroup& group : groups) std::reverse(group.lines.begin(), group.lines.end());
  std::reverse(groups.begin(), groups.end());
  return groups;
}

void require_no_overlap(std::vector<FileRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const FileRange& a, const FileRange& b) {
    return std::tie(a.table, a.study, a.first, a.last) < std::tie(b.table, b.study, b.first, b.last);
  });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    const FileRange& before = ranges[i - 1];
    const FileRange& file = ranges[i];
    if (before.table != file.table || before.study != file.study || before.last < file.first) continue;
    const bool is_one_run = before.run_id == file.run_id;
    throw errors::ExportError(
        fmt::format("cannot replay study {} into {}: the files of {} and {} both reach over the records {} to {}, whose rows would stand "
                    "twice",
                    file.study, file.table, before.batch_id, file.batch_id, file.first, std::min(before.last, file.last)),
        {.code = ErrorCode::duplicates,
         .hint = is_one_run
                     ? "where their records differ after all, load them with --allow-duplicates; nothing was written"
                     : fmt::format("load the files of one run: --run {} or --run {}; nothing was written", before.run_id, file.run_id),
         .origin = {.system = "local"}});
  }
}

}  // namespace imednet::pipeline
