#include "sinks/sql/sql_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "core/retry.h"
#include "sinks/sql/study_work.h"
#include "sinks/sql/table_state.h"

namespace imednet::sinks::sql {
namespace {

using errors::ErrorCode;

constexpr std::size_t kMegabytes = 512, kMegabytesAColumn = 1;  // of DuckDB's memory

// "2026-01-31 12:00:00" of a moment that format_utc wrote.
std::string stamp_of(core::Clock& clock) {
  std::string text = core::format_utc(clock.utc_now()).substr(0, 19);
  text[10] = ' ';
  return text;
}

}  // namespace

LoadResult together(const std::vector<TableWork>& works, const LoadResults& results) {
  LoadResult all;
  for (std::size_t i = 0; i < works.size(); ++i) {
    const LoadResult& one = results[i];
    if (table::counts_records(*works[i].layout))
      add_result(all, one);
    else if (table::holds_records(*works[i].layout))
      all.outcomes.insert(all.outcomes.end(), one.outcomes.begin(), one.outcomes.end());
  }
  return all;
}

SqlLoader::SqlLoader(const SqlPlace& place, TableName table, const LoaderSettings& settings, std::string run_id, core::Clock& clock,
                     LoaderHooks hooks, db::Connect connect)
    : place_(place),
      statements_(*place.dialect, std::move(table), table::records_layout()),
      settings_(settings),
      run_id_(std::move(run_id)),
      clock_(clock),
      hooks_(std::move(hooks)),
      connect_(std::move(connect)),
      started_at_(stamp_of(clock)) {}

struct SqlLoader::Order {
  const std::string& study;
  const std::vector<TableWork>& works;
  const std::vector<SplitForm>& splits;
  const ConfirmGone& confirm_gone;
  const Judge& judge;
  bool is_literal = false;  // one file as it is
};

void SqlLoader::require_may_create(const TableName& table) const {
  if (settings_.create_table) return;
  throw errors::ExportConfigurationError(fmt::format("cannot export to {}: there is no table {}", place_.name, table.text()),
                                         {.code = ErrorCode::not_found,
                                          .hint = "leave --no-create-table away, or make it",
                                          .origin = {.system = std::string(place_.dialect->system)}});
}

// True: it is there. `missing`: columns that it gets.
bool SqlLoader::require_columns(SqlSession& session, const Statements& statements, std::vector<const table::Column*>& missing) {
  const bool is_there = sql::require_columns(session, place_, statements, widths_, missing);
  if (!is_there) require_may_create(statements.target());
  return is_there;
}

void SqlLoader::look(const std::string& study, const Targets& targets) {
  if (place_.is_new()) {  // to open it would make it, and maybe for nothing
    targets(Catalog(nullptr, statements_, *place_.dialect));
    return require_may_create(table());
  }
  core::with_retries(settings_.retry, {.clock = clock_, .stop = settings_.stop, .on_retry = [this] { ++retries_; }},
                     [&](const core::Attempt&) {
                       SqlSession session(place_, settings_.stop, connect_);
                       session.run(statements_.settle_session(), "settle");
                       widths_ = widths_of(session, statements_, *place_.dialect);
                       for (const auto& [name, layout] : targets(Catalog(&session, statements_, *place_.dialect))) {
                         std::vector<const table::Column*> missing;
                         require_columns(session, Statements(*place_.dialect, name, *layout), missing);
                       }
                       if (hooks_.on_look) hooks_.on_look(session);
                       run_before_ = last_run(session, statements_, study);
                       session.close();
                     });
}

LoadResults SqlLoader::load_study(const std::string& study, const std::vector<TableWork>& works, const std::vector<SplitForm>& splits,
                                  const ConfirmGone& confirm_gone, const Judge& judge) {
  return load({study, works, splits, confirm_gone, judge});
}

FileOutcome SqlLoader::load_batch(const std::string& study, const staging::StagedFile& file) {
  const std::vector<TableWork> works{{table(), &table::records_layout(), {study, {&file}, {}}}};
  const Judge judge = [](const LoadResults&, const FormRows&) {};
  return load({study, works, {}, {}, judge, /*is_literal=*/true}).front().outcomes.front();
}

LoadResults SqlLoader::load(const Order& order) {
  return core::with_retries(settings_.retry, {.clock = clock_, .stop = settings_.stop, .on_retry = [this] { ++retries_; }},
                            [&](const core::Attempt&) { return load_once(order); });
}

// Whether the COMMIT that went unanswered was done.
bool SqlLoader::is_committed(SqlSession& session) {
  if (!is_there(session, statements_, table().beside("imednet_runs"))) return false;
  return session.run(statements_.runs_of_id(run_id_), "settle-commit").number(0, "row_count") > 0;
}

void SqlLoader::require_still_last(SqlSession& session, const std::string& study) {
  const std::int64_t last = last_run(session, statements_, study);
  if (last == run_before_) return;
  throw errors::ExportError(
      fmt::format("cannot export study {} into {}: another run loaded it after this one began to read", study, table().text()),
      {.code = ErrorCode::conflict, .hint = "run again; nothing was changed", .origin = {.system = std::string(place_.dialect->system)}});
}

// A table as its layout wants it. True: it was made.
bool SqlLoader::make_table(SqlSession& session, const Statements& statements, bool& has_changed) {
  std::vector<const table::Column*> missing;
  const bool is_new = !require_columns(session, statements, missing);
  has_changed = has_changed || is_new || !missing.empty();
  if (!is_new) {
    for (const SqlText& change : statements.add_columns(missing)) session.run(change, "add-columns");
    return false;
  }
  session.run(statements.create_target(), "create");
  for (const SqlText& comment : statements.comments()) session.run(comment, "comment");
  if (place_.dialect->wants_index) session.run(statements.create_index(), "index");
  return true;
}

LoadResults SqlLoader::transact(SqlSession& session, const Order& order) {
  if (place_.dialect->engine == Engine::postgresql) session.run(statements_.lock(order.study), "lock");
  if (order.is_literal) {
    run_before_ = last_run(session, statements_, order.study);
  } else {
    require_still_last(session, order.study);
  }
  const std::string when = stamp_of(clock_);
  widths_ = widths_of(session, statements_, *place_.dialect);
  bool has_changed = false;
  std::vector<bool> is_new;
  std::deque<Statements> statements;
  for (const TableWork& work : order.works) {
    is_new.push_back(make_table(session, statements.emplace_back(*place_.dialect, work.table, *work.layout), has_changed));
  }
  PartViews views(session, statements_, *place_.dialect, widths_);
  for (const SplitForm& form : order.splits) has_changed = views.bring_up(form, hooks_.on_warning) || has_changed;
  session.run(statements_.create_loads(), "ledger-create");
  session.run(statements_.create_runs(), "runs-create");
  std::deque<StudyWork> works;
  std::vector<PlannedLoad> loads;
  for (std::size_t i = 0; i < order.works.size(); ++i) {
    StudyWork& work = works.emplace_back(session, statements[i], place_, settings_, hooks_, run_id_, order.works[i].read, when);
    PlannedLoad& load = loads.emplace_back(PlannedLoad{.plan = work.plan(is_new[i])});
    load.method = order.is_literal ? work.literal_method(load.plan) : work.method(load.plan);
    has_changed = has_changed || !load.plan.adopted.empty();
  }
  if (!order.is_literal) require_no_shrink_of(order.works, loads);
  LoadResults results;
  FormRows after;
  for (std::size_t i = 0; i < works.size(); ++i) {
    results.push_back(works[i].apply(loads[i].plan, loads[i].method, order.confirm_gone));
    for (const auto& [form, rows] : works[i].forms()) after[form] += rows;
  }
  if (hooks_.on_written && hooks_.on_written(session)) has_changed = true;
  order.judge(results, after);
  const auto did_nothing = [](const LoadResult& result) { return result.method == LoadMethod::nothing; };
  if (std::ranges::all_of(results, did_nothing) && !has_changed) {
    session.run(statements_.rollback(), "rollback");
    return results;
  }
  note_run(session, order, results, after);
  unanswered_ = results;
  session.run(statements_.commit(), "commit");
  unanswered_.reset();
  return results;
}

void SqlLoader::require_no_shrink_of(const std::vector<TableWork>& works, const std::vector<PlannedLoad>& loads) const {
  if (settings_.allow_shrink) return;
  std::vector<PlannedRead> records;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (table::counts_records(*works[i].layout)) records.push_back({&works[i].read, &loads[i]});
  }
  require_no_shrink(records, table().text(), place_.dialect->system);
}

void SqlLoader::note_run(SqlSession& session, const Order& order, const LoadResults& results, const FormRows& after) {
  const LoadResult all = together(order.works, results);
  RunEntry entry{.run_id = run_id_,
                 .study = order.study,
                 .mode = std::string(mode_name(settings_.mode)),
                 .method = std::string(method_name(all.method)),
                 .started_at = started_at_,
                 .finished_at = stamp_of(clock_),
                 .number = run_before_ + 1,
                 .inserted = all.inserted,
                 .updated = all.updated,
                 .vanished = all.vanished};
  for (const auto& [form, rows] : after) entry.live += rows;
  session.run(statements_.insert_run(entry), "runs-insert");
}

// DuckDB keeps what a transaction wrote in memory, up to 80 % of the machine's unless told otherwise. A lower limit of its own stays.
// Rows that are written have a block of each column at hand.
void SqlLoader::bound_memory(SqlSession& session, const Order& order) const {
  if (place_.dialect->engine != Engine::duckdb || settings_.folder.empty()) return;
  session.run(statements_.spill_into((settings_.folder / "spill").string()), "spill");
  const std::string limit = session.run(statements_.memory_limit(), "memory-limit").at(0, "memory_limit").value_or("");
  std::size_t columns = 0;
  for (const TableWork& work : order.works) columns = std::max(columns, work.layout->columns.size());
  const std::size_t megabytes = kMegabytes + columns * kMegabytesAColumn;
  if (limit.ends_with("GiB") || limit.ends_with("TiB")) session.run(statements_.limit_memory(megabytes), "limit-memory");
}

LoadResults SqlLoader::load_once(const Order& order) {
  SqlSession session(place_, settings_.stop, connect_);
  session.run(statements_.settle_session(), "settle");
  bound_memory(session, order);
  if (unanswered_ && is_committed(session)) return *std::exchange(unanswered_, std::nullopt);
  unanswered_.reset();
  session.run(statements_.begin(), "begin");
  try {
    LoadResults results = transact(session, order);
    session.close();
    return results;
  } catch (const ImednetError& error) {
    roll_back(session);
    if (!unanswered_ || error.code() == ErrorCode::cancelled) throw;
    // Whoever asks again asks first what became of it.
    throw errors::ExportError(error.what(), {.code = ErrorCode::in_doubt,
                                             .hint = "run again as it is: the next run asks what became of this one",
                                             .retry = errors::RetryClass::backoff,
                                             .origin = error.origin()});
  }
}

void SqlLoader::roll_back(SqlSession& session) noexcept {
  try {
    session.run(statements_.rollback(), "rollback");
    session.close();
  } catch (const std::exception&) {
    // The session goes, and with it the transaction.
  }
}

}  // namespace imednet::sinks::sql
