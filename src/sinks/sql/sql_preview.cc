// sql_preview.cc: what SqlLoader::load_study would do, found out without a write.
#include <fmt/format.h>

#include <deque>

#include "core/retry.h"
#include "sinks/sql/study_work.h"
#include "sinks/sql/table_reader.h"
#include "sinks/sql/table_state.h"

namespace imednet::sinks::sql {

// One table, as it is seen before anything is decided.
struct SqlLoader::Seen {
  Statements statements;
  std::optional<StudyWork> work{};  // of a table that is there
  PlannedLoad load{};
};

StudyPreview SqlLoader::preview(const std::vector<TableWork>& works) {
  const auto look = [&](const core::Attempt&) {
    if (place_.is_new()) return preview_once(works, nullptr);  // to open it would make it
    TableReader reader(place_, statements_, settings_.stop, connect_);
    StudyPreview preview = preview_once(works, &reader.session());
    reader.close();
    return preview;
  };
  return core::with_retries(settings_.retry, {.clock = clock_, .stop = settings_.stop, .on_retry = [this] { ++retries_; }}, look);
}

void SqlLoader::see(Seen& seen, const TableWork& work, SqlSession* session, bool has_ledger, StudyPreview& preview) {
  std::vector<const table::Column*> missing;
  if (session == nullptr || !require_columns(*session, seen.statements, missing)) {
    if (session == nullptr) require_may_create(work.table);
    preview.makes_tables.push_back(work.table.text());
    seen.load.plan = compare(work.read, {}, path_of);
  } else {
    for (const table::Column* column : missing) preview.adds_columns.push_back(fmt::format("{}.{}", work.table.text(), column->name));
    seen.work.emplace(*session, seen.statements, place_, settings_, hooks_, run_id_, work.read, started_at_);
    seen.load.plan = seen.work->look(has_ledger);
  }
  preview.files_in += static_cast<std::int64_t>(seen.load.plan.in.size());
  preview.files_pending += static_cast<std::int64_t>(seen.load.plan.pending.size());
  if (table::counts_records(*work.layout)) preview.rows_in += seen.load.plan.rows_in;
}

StudyPreview SqlLoader::preview_once(const std::vector<TableWork>& works, SqlSession* session) {
  StudyPreview preview;
  const bool has_ledger = session != nullptr && is_there(*session, statements_, table().beside("imednet_loads"));
  preview.makes_ledger = !has_ledger || !is_there(*session, statements_, table().beside("imednet_runs"));
  std::deque<Seen> all;
  for (const TableWork& work : works) {
    Seen& seen = all.emplace_back(Seen{Statements(*place_.dialect, work.table, *work.layout)});
    see(seen, work, session, has_ledger, preview);
  }
  LoadResults results;
  std::vector<PlannedLoad> loads;
  try {
    for (std::size_t i = 0; i < works.size(); ++i) {
      PlannedLoad& load = loads.emplace_back(all[i].load);
      load.method = all[i].load.method = method_of(load.plan, all[i].statements, settings_, works[i].read, *place_.dialect);
    }
    for (std::size_t i = 0; i < works.size(); ++i) results.push_back(preview_table(all[i], works[i]));
    require_no_shrink_of(works, loads);
  } catch (const errors::ExportError& error) {
    if (error.code() != errors::ErrorCode::duplicates && error.code() != errors::ErrorCode::counts_differ &&
        error.code() != errors::ErrorCode::shrink)
      throw;
    preview.refusal = std::current_exception();
  }
  results.resize(works.size());  // of tables that nobody decided about: nothing
  for (std::size_t i = 0; i < works.size(); ++i) results[i].before = all[i].load.plan.forms;
  preview.all = together(works, results);
  return preview;
}

LoadResult SqlLoader::preview_table(Seen& seen, const TableWork& work) {
  if (seen.work) return seen.work->preview(seen.load.plan, seen.load.method);
  LoadResult result{.method = seen.load.method, .outcomes = {}, .before = {}};
  for (const staging::StagedFile* file : work.read.files) result.inserted += file->rows;
  return result;
}

}  // namespace imednet::sinks::sql
