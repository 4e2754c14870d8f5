#include "sinks/study_load.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace imednet::sinks {

using errors::ErrorCode;
using integrations::WriteMode;

namespace {

constexpr std::size_t kFormsNamed = 10;  // in an error

void require_no_shrink_of(const LoadPlan& plan, const StudyRead& read, const std::string& table, std::string_view system) {
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
       .origin = {.system = std::string(system)}});
}

}  // namespace

std::string_view mode_name(WriteMode mode) {
  switch (mode) {
    case WriteMode::merge:
      return "merge";
    case WriteMode::replace:
      return "replace";
    case WriteMode::append:
      return "append";
    default:
      return "auto";
  }
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

std::string_view status_name(FileStatus status) {
  switch (status) {
    case FileStatus::loaded:
      return "loaded";
    case FileStatus::merged:
      return "merged";
    case FileStatus::adopted:
      return "adopted";
    default:
      return "skipped";
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

LoadMethod choose(const LoadPlan& plan, const LoadRules& rules, const std::string& study, const std::string& table) {
  const bool is_append = rules.mode == WriteMode::append;
  if (!rules.idempotent) return is_append ? LoadMethod::append : LoadMethod::replace;
  if (rules.mode == WriteMode::replace) return LoadMethod::replace;
  if (plan.rows_in > plan.there.live) {
    throw errors::ExportError(
        fmt::format("cannot export study {}: the table {} has {} of its rows, but {} were loaded; somebody deleted rows", study, table,
                    plan.there.live, plan.rows_in),
        {.code = ErrorCode::counts_differ,
         .hint = "use --force-reload to replace the study's rows",
         .origin = {.system = std::string(rules.system)}});
  }
  if (is_append) return LoadMethod::append;
  const bool is_settled = plan.pending.empty() && plan.others.empty() && plan.there.live == plan.rows_in;
  if (is_settled) return LoadMethod::nothing;
  const bool is_new = plan.there.rows == 0 && plan.known.empty();
  if (rules.mode == WriteMode::automatic && is_new && (rules.files_a_copy == 0 || plan.pending.size() <= rules.files_a_copy))
    return LoadMethod::copy;
  return LoadMethod::merge;
}

LoadMethod stronger(LoadMethod one, LoadMethod other) {
  for (const LoadMethod method : {LoadMethod::append, LoadMethod::replace, LoadMethod::merge, LoadMethod::copy}) {
    if (one == method || other == method) return method;
  }
  return LoadMethod::nothing;
}

void add_result(LoadResult& all, const LoadResult& one) {
  all.method = stronger(all.method, one.method);
  all.outcomes.insert(all.outcomes.end(), one.outcomes.begin(), one.outcomes.end());
  for (const auto& [form, rows] : one.before) all.before[form] += rows;
  all.inserted += one.inserted;
  all.updated += one.updated;
  all.unchanged += one.unchanged;
  all.twice += one.twice;
  all.vanished += one.vanished;
}

void require_no_shrink(std::span<const PlannedRead> tables, const std::string& table, std::string_view system) {
  LoadPlan whole;
  StudyRead study;
  bool can_shrink = false;
  for (const auto& [read, load] : tables) {
    study.study = read->study;
    can_shrink = can_shrink || load->method == LoadMethod::merge || load->method == LoadMethod::replace;
    for (const auto& [form, rows] : load->plan.forms) whole.forms[form] += rows;
    for (const auto& [form, rows] : read->forms) study.forms[form] += rows;
    whole.rows_in += load->plan.rows_in;
    whole.rows_pending += load->plan.rows_pending;
    whole.there.live += load->plan.there.live;
  }
  if (can_shrink) require_no_shrink_of(whole, study, table, system);
}

void throw_not_whole(const std::string& study, std::int64_t live, std::int64_t in_api, std::string_view system) {
  throw StudyNotWhole(
      fmt::format("cannot bring study {} up to date by what changed alone: the API holds {} records and the table would have {} live rows",
                  study, in_api, live),
      {.code = ErrorCode::counts_differ, .hint = "run again, with --sweep", .origin = {.system = std::string(system)}});
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

}  // namespace imednet::sinks
