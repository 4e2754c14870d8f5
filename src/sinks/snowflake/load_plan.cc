#include "sinks/snowflake/load_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace imednet::sinks::snowflake {

using errors::ErrorCode;
using integrations::WriteMode;

namespace {
constexpr std::size_t kFormsNamed = 10;  // in an error
}

std::string_view method_name(LoadMethod method) {
  switch (method) {
    case LoadMethod::nothing:
      return "nothing";
    case LoadMethod::copy:
      return "copy";
    case LoadMethod::merge:
      return "merge";
    case LoadMethod::replace:
      return "replace";
    default:
      return "append";
  }
}

LoadPlan compare(const StudyRead& read, LoadedFiles known, const std::function<std::string(const staging::StagedFile&)>& path_of) {
  LoadPlan plan;
  std::set<std::string, std::less<>> found;
  for (const staging::StagedFile* file : read.files) {
    const auto entry = known.find(path_of(*file));
    const bool is_in = entry != known.end() && entry->second.hash == file->content_hash;
    (is_in ? plan.in : plan.pending).push_back(file);
    (is_in ? plan.rows_in : plan.rows_pending) += file->rows;
    if (is_in) found.insert(entry->first);
  }
  for (const auto& [path, loaded] : known) {
    if (!found.contains(path)) plan.others.push_back(path);
  }
  plan.known = std::move(known);
  return plan;
}

void take_as_in(LoadPlan& plan, const Files& adopted) {
  plan.adopted.insert(adopted.begin(), adopted.end());
  for (const staging::StagedFile* file : adopted) {
    plan.in.push_back(file);
    plan.rows_in += file->rows;
    plan.rows_pending -= file->rows;
  }
  std::erase_if(plan.pending, [&](const staging::StagedFile* file) { return plan.adopted.contains(file); });
}

LoadMethod choose(const LoadPlan& plan, const integrations::SnowflakeSinkConfig& config, const std::string& study,
                  const std::string& table) {
  const bool is_append = config.mode == WriteMode::append;
  if (!config.idempotent) return is_append ? LoadMethod::append : LoadMethod::replace;
  if (config.mode == WriteMode::replace) return LoadMethod::replace;
  if (plan.rows_in > plan.there.live) {
    throw errors::ExportError(
        fmt::format("cannot export study {}: the table {} has {} of its rows, but {} were loaded; somebody deleted rows", study, table,
                    plan.there.live, plan.rows_in),
        {.code = ErrorCode::counts_differ, .hint = "use --force-reload to replace the study's rows", .origin = {.system = "snowflake"}});
  }
  if (is_append) return LoadMethod::append;
  const bool is_settled = plan.pending.empty() && plan.others.empty() && plan.there.live == plan.rows_in;
  if (is_settled) return LoadMethod::nothing;
  const bool is_new = plan.there.rows == 0 && plan.known.empty();
  if (config.mode == WriteMode::automatic && is_new && plan.pending.size() <= kFilesACopy) return LoadMethod::copy;
  return LoadMethod::merge;
}

void require_no_shrink(const LoadPlan& plan, const StudyRead& read, const std::string& table) {
  std::vector<std::string> emptied;
  for (const auto& [form, rows] : plan.forms) {
    if (rows > 0 && !read.forms.contains(form)) emptied.push_back(form.empty() ? "(no form)" : form);
  }
  const std::int64_t now = plan.rows_in + plan.rows_pending;
  const bool is_halved = now * 2 < plan.there.live;
  if (emptied.empty() && !is_halved) return;
  std::string cause = fmt::format("the API holds {} records of it and {} holds {} rows", now, table, plan.there.live);
  if (!emptied.empty()) {
    const std::size_t more = emptied.size() > kFormsNamed ? emptied.size() - kFormsNamed : 0;
    emptied.resize(emptied.size() - more);
    cause +=
        fmt::format("; no record is left of the forms {}{}", fmt::join(emptied, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
  }
  throw errors::ExportError(
      fmt::format("cannot export study {}: {}", read.study, cause),
      {.code = ErrorCode::shrink,
       .hint = "check the study key and what these keys may read; when it is meant, use --allow-shrink; nothing was changed",
       .origin = {.system = "snowflake"}});
}

void throw_not_whole(const std::string& study, std::int64_t live, std::int64_t in_api) {
  throw StudyNotWhole(
      fmt::format("cannot bring study {} up to date by what changed alone: the API holds {} records and the table would have {} live rows",
                  study, in_api, live),
      {.code = ErrorCode::counts_differ, .hint = "run again, with --sweep", .origin = {.system = "snowflake"}});
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

std::vector<IdRange> kept_ranges(const StudyRead& read, const LoadPlan& plan) {
  const std::set<const staging::StagedFile*> in(plan.in.begin(), plan.in.end());
  std::vector<IdRange> ranges;
  bool goes_on = false;
  for (const staging::StagedFile* file : read.files) {
    const bool is_kept = in.contains(file);
    if (is_kept && goes_on) ranges.back().second = file->last_record_id;
    if (is_kept && !goes_on) ranges.emplace_back(file->first_record_id, file->last_record_id);
    goes_on = is_kept;
  }
  return ranges;
}

}  // namespace imednet::sinks::snowflake
