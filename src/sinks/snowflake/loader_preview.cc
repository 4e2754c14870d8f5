// loader_preview.cc: what loading a study would do, found out without a single write.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/merge_statements.h"
#include "staging/row_hashes.h"

namespace imednet::sinks::snowflake {

using integrations::WriteMode;

namespace {

constexpr std::size_t kIdsAQuestion = 10'000;

struct StandingRow {
  std::string hash;
  bool is_live = false;
};
using StandingRows = std::map<std::int64_t, StandingRow>;  // by record id

StandingRows read_rows(const db::Answer& answer) {
  StandingRows rows;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    rows[answer.number(row, "RECORD_ID")] = {answer.at(row, "_ROW_HASH").value_or(""), answer.number(row, "IS_LIVE") == 1};
  }
  return rows;
}

// Rows that are met are taken out of `standing`.
void compare_file(const staging::StagedFile& file, StandingRows& standing, LoadPreview& preview) {
  for (const staging::RowHash& row : staging::read_row_hashes(file.path)) {
    const auto there = standing.find(row.record_id);
    if (there == standing.end()) {
      ++preview.inserted;
      continue;
    }
    ++(there->second.is_live && there->second.hash == row.hash ? preview.unchanged : preview.updated);
    standing.erase(there);
  }
}

}  // namespace

LoadPreview Loader::preview(const StudyRead& read) {
  LoadPreview preview = preview_alone(read);
  try {
    if (!config_.allow_shrink && !preview.refusal)
      require_no_shrink(std::vector{PlannedRead{&read, &preview.planned}}, table_.text(), "snowflake");
  } catch (const errors::ExportError&) {
    preview.refusal = std::current_exception();
  }
  return preview;
}

LoadPreview Loader::preview_alone(const StudyRead& read) {
  LoadPreview preview;
  preview.planned.plan = preview_plan(read, preview);
  const LoadPlan& plan = preview.planned.plan;
  preview.before = plan.forms;
  preview.files_in = static_cast<std::int64_t>(plan.in.size());
  preview.files_pending = static_cast<std::int64_t>(plan.pending.size());
  preview.rows_in = plan.rows_in;
  preview.rows_pending = plan.rows_pending;
  try {
    preview.method = preview.planned.method = method_for(read, plan);
    require_allowed(read, plan, preview.method);
  } catch (const errors::ExportError&) {
    preview.refusal = std::current_exception();
  }
  preview_rows(read, plan, preview);
  return preview;
}

LoadPreview Loader::preview_changes(const StudyRead& read) {
  LoadPreview preview;
  const LoadPlan plan = preview_plan(read, preview);
  preview.before = plan.forms;
  preview.live_after = plan.there.live;
  preview.files_pending = static_cast<std::int64_t>(read.files.size());
  preview.rows_pending = plan.rows_in + plan.rows_pending;
  if (!read.files.empty()) preview.method = LoadMethod::merge;
  const bool can_be_asked = preview.makes_tables.empty() && preview.adds_columns.empty();
  for (const staging::StagedFile* file : read.files) {
    if (can_be_asked) {
      preview_changed_file(read, *file, preview);
    } else {
      preview.inserted += file->rows;
      preview.live_after += file->rows;
    }
  }
  return preview;
}

void Loader::preview_changed_file(const StudyRead& read, const staging::StagedFile& file, LoadPreview& preview) {
  const std::vector<staging::RowHash> rows = staging::read_row_hashes(file.path);
  for (std::size_t start = 0; start < rows.size(); start += kIdsAQuestion) {
    const std::span<const staging::RowHash> some(rows.data() + start, std::min(kIdsAQuestion, rows.size() - start));
    std::vector<std::int64_t> ids;
    for (const staging::RowHash& row : some) ids.push_back(row.record_id);
    StandingRows standing;
    attempt("preview", [&] { standing = read_rows(session_.run(row_hashes_of(table_, read.study, ids), "preview")); });
    for (const staging::RowHash& row : some) {
      const auto there = standing.find(row.record_id);
      const bool is_there = there != standing.end();
      const bool is_live = is_there && there->second.is_live;
      preview.inserted += is_there ? 0 : 1;
      preview.unchanged += is_live && there->second.hash == row.hash ? 1 : 0;
      preview.updated += is_there && !(is_live && there->second.hash == row.hash) ? 1 : 0;
      preview.live_after += is_live ? 0 : 1;
    }
  }
}

LoadPlan Loader::preview_plan(const StudyRead& read, LoadPreview& preview) {
  attempt("ledger", [&] { preview.makes_ledger = !ledger_.is_there(); });
  std::optional<std::string> created;
  attempt("prepare", [&] { created = creation_time(session_, table_); });
  if (!created) {
    preview.makes_tables = {table_.text()};
    require_may_create(table_, config_);
  } else {
    target_ = {*created};
    attempt("prepare", [&] {
      preview.adds_columns.clear();
      for (const TargetColumn& column : columns_to_add(session_, table_, shape_, config_)) preview.adds_columns.push_back(column.name);
    });
  }
  // Without all columns the table can't be asked: what stands in it counts as none.
  if (!preview.makes_tables.empty() || !preview.adds_columns.empty())
    return compare(read, {}, [this](const staging::StagedFile& file) { return transfer_.path(file); });
  LoadPlan plan = make_plan(read, !preview.makes_ledger);
  if (plan.there.live > 0) plan.forms = forms_of(read.study);
  if (adopts_files()) take_as_in(plan, adoptable(plan, config_.mode == WriteMode::append));
  return plan;
}

// File by file in the order of the ids: each answers for the ids behind the file before it, the last one for all that follow.
void Loader::preview_rows(const StudyRead& read, const LoadPlan& plan, LoadPreview& preview) {
  const bool reloads = preview.method == LoadMethod::replace || (preview.method == LoadMethod::append && !config_.idempotent);
  if (preview.method != LoadMethod::merge) {
    if (preview.method != LoadMethod::nothing) preview.inserted = reloads ? plan.rows_in + plan.rows_pending : plan.rows_pending;
    return;
  }
  if (plan.there.rows == 0) {
    preview.inserted = plan.rows_pending;
    return;
  }
  const std::set<const staging::StagedFile*> in(plan.in.begin(), plan.in.end());
  std::int64_t after = std::numeric_limits<std::int64_t>::min();
  const auto look = [&](std::optional<std::int64_t> last, const staging::StagedFile* file) {
    StandingRows standing;
    attempt("preview", [&] { standing = read_rows(session_.run(row_hashes(table_, read.study, after, last), "preview")); });
    if (file != nullptr) compare_file(*file, standing, preview);
    preview.vanished += std::count_if(standing.begin(), standing.end(), [](const auto& row) { return row.second.is_live; });
  };
  bool was_in = false;
  for (const staging::StagedFile* file : read.files) {
    const bool is_in = in.contains(file);
    const bool is_last = file == read.files.back();
    if (!is_in) look(is_last ? std::nullopt : std::optional(file->last_record_id), file);
    if (!is_in && is_last) return;
    if (is_in && !was_in) look(file->first_record_id - 1, nullptr);  // ids that no file of the plan holds
    was_in = is_in;
    after = file->last_record_id;
  }
  look(std::nullopt, nullptr);
}

}  // namespace imednet::sinks::snowflake
