#include "sinks/snowflake/load_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace imednet::sinks::snowflake {

LoadRules rules_of(const integrations::SnowflakeSinkConfig& config) {
  return {.mode = config.mode, .idempotent = config.idempotent, .files_a_copy = kFilesACopy, .system = "snowflake"};
}

std::vector<std::string> files_touched(const LoadedFiles& known, std::span<const std::int64_t> record_ids) {
  std::vector<std::string> paths;
  std::int64_t behind = std::numeric_limits<std::int64_t>::min();  // the last id of the file before
  std::vector<std::pair<std::int64_t, LoadedFiles::const_iterator>> by_last;
  for (auto file = known.begin(); file != known.end(); ++file) by_last.emplace_back(file->second.last_record_id, file);
  std::sort(by_last.begin(), by_last.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [last, file] : by_last) {
    const std::int64_t own = file->second.first_record_id;
    const std::int64_t first = behind < own ? behind + 1 : own;
    const auto id = std::lower_bound(record_ids.begin(), record_ids.end(), first);
    if (id != record_ids.end() && *id <= last) paths.push_back(file->first);
    behind = std::max(behind, last);
  }
  return paths;
}

}  // namespace imednet::sinks::snowflake
