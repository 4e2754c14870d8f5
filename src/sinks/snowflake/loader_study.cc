// loader_study.cc: which way a study's files take into the table, and the ways that need no transaction.
#include <fmt/format.h>

#include <map>
#include <set>

#include "sinks/snowflake/merge_statements.h"

#include "sinks/snowflake/loader.h"

namespace imednet::sinks::snowflake {

using errors::ErrorCode;
using integrations::StageLayout;
using integrations::WriteMode;

namespace {
constexpr std::string_view kDoublesHint =
    "use --mode merge to bring the table up to date, load into a fresh table, or use --allow-duplicates";
}

// A run that was stopped between COPY and the ledger left rows the ledger does not know: the table itself says so. Where the
// table is a mirror, files are adopted only when with them every live row is accounted for: else a merge sorts it out.
Files Loader::adoptable(const LoadPlan& plan, bool one_by_one) {
  Files adopted;
  if (plan.pending.empty() || plan.there.live == plan.rows_in || config_.stage_layout != StageLayout::by_content) return adopted;
  std::int64_t rows = 0;
  for (const Files& group : in_groups(plan.pending)) {
    const auto found = facts(table_, group, false);
    for (const staging::StagedFile* file : group) {
      const auto fact = found.find(transfer_.path(*file));
      if (fact == found.end() || fact->second.rows != file->rows) continue;
      adopted.push_back(file);
      rows += file->rows;
    }
  }
  if (!one_by_one && plan.rows_in + rows != plan.there.live) adopted.clear();
  return adopted;
}

void Loader::adopt(const StudyRead& read, LoadPlan& plan, bool one_by_one) {
  const Files adopted = adoptable(plan, one_by_one);
  if (adopted.empty()) return;
  require_counts(table_, adopted, false);
  remember(read.study, adopted);
  take_as_in(plan, adopted);
  for (const staging::StagedFile* file : adopted) {
    if (hooks_.on_outcome) hooks_.on_outcome(*this, {file, FileStatus::adopted, 0});
  }
}

// Snowflake's own memory of 14 to 64 days: COPY would skip a file that was loaded and whose rows somebody deleted.
const staging::StagedFile* Loader::remembered_by_history(const LoadPlan& plan) {
  db::Answer history;
  try {
    history = session_.run(load_history(table_), "history");
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    if (hooks_.on_warning) hooks_.on_warning(fmt::format("Snowflake's load history could not be read: {}", error.what()));
    return nullptr;
  }
  for (const staging::StagedFile* file : plan.pending) {
    const std::string path = transfer_.path(*file);
    for (std::size_t row = 0; row < history.rows.size(); ++row) {
      if (history.at(row, "FILE_NAME").value_or("").ends_with(path)) return file;
    }
  }
  return nullptr;
}

LoadMethod Loader::method_for(const StudyRead& read, const LoadPlan& plan) {
  const LoadMethod method = choose(plan, rules_of(config_), read.study, table_.text());
  const bool would_skip = method == LoadMethod::copy && remembered_by_history(plan) != nullptr;
  return would_skip ? LoadMethod::merge : method;
}

void Loader::require_allowed(const StudyRead& read, const LoadPlan& plan, LoadMethod method) {
  if (method != LoadMethod::append || !config_.idempotent) return;
  require_no_doubles(read, plan);
  if (const staging::StagedFile* file = plan.pending.empty() ? nullptr : remembered_by_history(plan)) {
    throw_for(
        *file,
        fmt::format("cannot load the batch {}: Snowflake remembers loading its file, but the rows are not in the table", file->batch_id),
        {.code = ErrorCode::duplicates, .hint = "use --force-reload to load it again", .origin = {.system = "snowflake"}});
  }
}

PlannedLoad Loader::plan_study(const StudyRead& read) {
  if (hooks_.on_step) hooks_.on_step("preparing", 0, 0);
  prepare();
  PlannedLoad planned{.plan = make_plan(read)};
  LoadPlan& plan = planned.plan;
  if (!shape_.holds_records()) {
    // A dimension is small, and nobody's rows are proved gone: it is as the API shows it.
    const bool is_settled =
        plan.pending.empty() && plan.others.empty() && plan.there.live == plan.rows_in && plan.there.rows == plan.rows_in;
    planned.method = is_settled && config_.idempotent ? LoadMethod::nothing : LoadMethod::replace;
    return planned;
  }
  if (plan.there.live > 0) plan.forms = forms_of(read.study);
  if (adopts_files()) adopt(read, plan, config_.mode == WriteMode::append);
  planned.method = method_for(read, plan);
  require_allowed(read, plan, planned.method);
  return planned;
}

LoadResult Loader::load_study(const StudyRead& read, const ConfirmGone& confirm_gone) {
  const PlannedLoad planned = plan_study(read);
  if (!config_.allow_shrink) require_no_shrink(std::vector{PlannedRead{&read, &planned}}, table_.text(), "snowflake");
  return load_planned(read, planned, confirm_gone);
}

LoadResult Loader::load_planned(const StudyRead& read, const PlannedLoad& planned, const ConfirmGone& confirm_gone) {
  const LoadPlan& plan = planned.plan;
  LoadResult result{.method = planned.method, .outcomes = {}, .before = plan.forms};
  switch (result.method) {
    case LoadMethod::nothing:
      result.outcomes = outcomes_of(read, plan, {}, FileStatus::skipped);
      break;
    case LoadMethod::copy:
      load_pending(read.study, plan.pending, plan.known, false);
      result.inserted = plan.rows_pending;
      result.outcomes = outcomes_of(read, plan, plan.pending, FileStatus::loaded);
      break;
    case LoadMethod::append:
      append(read, plan, result);
      break;
    case LoadMethod::merge:
    case LoadMethod::replace:
      load_through_temporary(read, plan, confirm_gone, result);
      break;
  }
  return result;
}

void Loader::require_no_doubles(const StudyRead& read, const LoadPlan& plan) const {
  const std::int64_t others = plan.there.rows - plan.rows_in;
  if (plan.pending.empty() || config_.allow_duplicates || (others <= 0 && plan.others.empty())) return;
  throw errors::ExportError(
      fmt::format("cannot load study {} into {}: it holds {} rows of the study that are not in this export's files, and {} files are new",
                  read.study, table_.text(), others, plan.pending.size()),
      {.code = ErrorCode::duplicates, .hint = std::string(kDoublesHint), .origin = {.system = "snowflake"}});
}

void Loader::append(const StudyRead& read, const LoadPlan& plan, LoadResult& result) {
  const bool reloads = !config_.idempotent;
  if (reloads && hooks_.on_warning) {
    hooks_.on_warning("--force-reload in mode append loads every file again: rows that stand in the table come a second time");
  }
  const Files& files = reloads ? read.files : plan.pending;
  if (!reloads && files.size() > kFilesACopy) {
    load_through_temporary(read, plan, {}, result);
    return;
  }
  load_pending(read.study, files, plan.known, reloads);
  for (const staging::StagedFile* file : files) result.inserted += file->rows;
  result.outcomes = outcomes_of(read, plan, files, FileStatus::loaded);
}

// Files that were loaded now count with the rows of them that this run wrote; the others as they were found.
std::vector<FileOutcome> Loader::outcomes_of(const StudyRead& read, const LoadPlan& plan, const Files& loaded, FileStatus status) {
  std::map<std::string, std::int64_t, std::less<>> written;
  if (status == FileStatus::merged) {
    attempt("count", [&] {
      const db::Answer answer = session_.run(run_rows_by_file(table_, read.study, run_id_), "count");
      written.clear();
      for (std::size_t row = 0; row < answer.rows.size(); ++row) {
        written[answer.at(row, "_FILE").value_or("")] = answer.number(row, "ROW_COUNT");
      }
    });
  }
  const std::set<const staging::StagedFile*> now(loaded.begin(), loaded.end());
  std::vector<FileOutcome> outcomes;
  for (const staging::StagedFile* file : read.files) {
    if (!now.contains(file)) {
      outcomes.push_back({file, plan.adopted.contains(file) ? FileStatus::adopted : FileStatus::skipped, 0});
      continue;
    }
    const auto rows = written.find(transfer_.path(*file));
    const std::int64_t merged = rows == written.end() ? 0 : rows->second;
    outcomes.push_back({file, status, status == FileStatus::merged ? merged : file->rows});
  }
  return outcomes;
}

FileOutcome Loader::load_batch(const std::string& study, const staging::StagedFile& file) {
  prepare();
  const StudyRead read{study, {&file}, {}};
  LoadPlan plan = make_plan(read);
  if (config_.idempotent) {
    if (!plan.in.empty()) return {&file, FileStatus::skipped, 0};
    adopt(read, plan, true);
    if (plan.pending.empty()) return {&file, FileStatus::adopted, 0};
  }
  if (!cursors_aside_.contains(study)) {
    cursor_of(study).set_aside(false);  // whoever writes batches leaves no cursor, and so needs no table for one
    cursors_aside_.insert(study);
  }
  load_pending(study, {&file}, plan.known, !config_.idempotent);
  return {&file, FileStatus::loaded, file.rows};
}

void Loader::load_pending(const std::string& study, const Files& pending, const LoadedFiles& known, bool force) {
  if (pending.empty()) return;
  set_cursor_aside(study);
  std::int64_t done = 0;
  const auto all = static_cast<std::int64_t>(pending.size());
  transfer_.upload(pending, known, [&](std::int64_t uploaded) {
    if (hooks_.on_step) hooks_.on_step("uploading", uploaded, all);
  });
  if (hooks_.on_uploaded) hooks_.on_uploaded(pending);
  done = 0;
  for (const Files& group : in_groups(pending)) {
    if (hooks_.on_step) hooks_.on_step("loading", done, all);
    earlier_.clear();
    if (force) earlier_ = facts(table_, group, true);
    if (hooks_.on_loading) hooks_.on_loading(group);
    copy_group(table_, group, force);
    done += static_cast<std::int64_t>(group.size());
    if (hooks_.on_step) hooks_.on_step("verifying", done, all);
    require_counts(table_, group, true);
    if (hooks_.on_step) hooks_.on_step("committing", done, all);
    remember(study, group);
    for (const staging::StagedFile* file : group) {
      if (hooks_.on_outcome) hooks_.on_outcome(*this, {file, FileStatus::loaded, file->rows});
    }
  }
}

}  // namespace imednet::sinks::snowflake
