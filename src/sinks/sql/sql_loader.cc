#include "sinks/sql/sql_loader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "core/retry.h"
#include "sinks/sql/study_work.h"

namespace imednet::sinks::sql {
namespace {

using errors::ErrorCode;

// "2026-01-31 12:00:00" of a moment that format_utc wrote.
std::string stamp_of(core::Clock& clock) {
  std::string text = core::format_utc(clock.utc_now()).substr(0, 19);
  text[10] = ' ';
  return text;
}

// What the target lacks, has as another type, or demands.
std::vector<std::string> differences(const db::Answer& there, const Dialect& dialect) {
  std::vector<std::string> found;
  std::vector<bool> is_known(there.rows.size());
  const auto look_for = [&](const table::Column& column) {
    for (std::size_t row = 0; row < there.rows.size(); ++row) {
      if (lower(there.at(row, "name").value_or("")) != column.name) continue;
      is_known[row] = true;
      const std::string type = there.at(row, "type").value_or("");
      if (lower(type) != lower(type_of(dialect, column.kind)))
        found.push_back(fmt::format("{} is {} and not {}", column.name, type, type_of(dialect, column.kind)));
      return;
    }
    found.push_back(fmt::format("{} is missing", column.name));
  };
  for (const table::Column& column : table::records_columns()) look_for(column);
  for (const table::Column& column : service_columns()) look_for(column);
  for (std::size_t row = 0; row < there.rows.size(); ++row) {
    const bool is_demanded = there.at(row, "nullable").value_or("") == "NO" && there.at(row, "preset").value_or("").empty();
    if (!is_known[row] && is_demanded)
      found.push_back(fmt::format("{} can't be null and is not ours to fill", there.at(row, "name").value_or("")));
  }
  return found;
}

}  // namespace

SqlLoader::SqlLoader(const SqlPlace& place, TableName table, const LoaderSettings& settings, std::string run_id, core::Clock& clock,
                     LoaderHooks hooks, db::Connect connect)
    : place_(place),
      statements_(*place.dialect, std::move(table), table::records_columns()),
      settings_(settings),
      run_id_(std::move(run_id)),
      clock_(clock),
      hooks_(std::move(hooks)),
      connect_(std::move(connect)),
      started_at_(stamp_of(clock)) {}

void SqlLoader::require_may_create() const {
  if (settings_.create_table) return;
  throw errors::ExportConfigurationError(fmt::format("cannot export to {}: there is no table {}", place_.name, table().text()),
                                         {.code = ErrorCode::not_found,
                                          .hint = "leave --no-create-table away, or make it",
                                          .origin = {.system = std::string(place_.dialect->system)}});
}

// True: it is there.
bool SqlLoader::require_columns(SqlSession& session) {
  const db::Answer there = session.run(statements_.columns_of(table()), "describe");
  const std::string system(place_.dialect->system);
  if (there.rows.empty()) {
    require_may_create();
    return false;
  }
  const std::vector<std::string> found = differences(there, *place_.dialect);
  if (found.empty()) return true;
  throw errors::ExportConfigurationError(
      fmt::format("cannot export to {}: the table {} is not one of this export: {}", place_.name, table().text(), fmt::join(found, "; ")),
      {.code = ErrorCode::schema_mismatch, .hint = "name another table, or rename that one", .origin = {.system = system}});
}

std::int64_t SqlLoader::last_run(SqlSession& session, const std::string& study) {
  if (session.run(statements_.columns_of(table().beside("imednet_runs")), "describe-runs").rows.empty()) return 0;
  return session.run(statements_.last_run(study), "last-run").number(0, "last_run");
}

void SqlLoader::look(const std::string& study) {
  if (place_.is_new()) return require_may_create();  // to open it would make it, and maybe for nothing
  core::with_retries(settings_.retry, {.clock = clock_, .stop = settings_.stop, .on_retry = [this] { ++retries_; }},
                     [&](const core::Attempt&) {
                       SqlSession session(place_, settings_.stop, connect_);
                       session.run(statements_.settle_session(), "settle");
                       require_columns(session);
                       run_before_ = last_run(session, study);
                       session.close();
                     });
}

LoadResult SqlLoader::load_study(const StudyRead& read, const ConfirmGone& confirm_gone, const Judge& judge) {
  return core::with_retries(settings_.retry, {.clock = clock_, .stop = settings_.stop, .on_retry = [this] { ++retries_; }},
                            [&](const core::Attempt&) { return load_once(read, confirm_gone, judge); });
}

// Whether the COMMIT that went unanswered was done.
bool SqlLoader::is_committed(SqlSession& session) {
  if (session.run(statements_.columns_of(table().beside("imednet_runs")), "describe-runs").rows.empty()) return false;
  return session.run(statements_.runs_of_id(run_id_), "settle-commit").number(0, "row_count") > 0;
}

void SqlLoader::require_still_last(SqlSession& session, const std::string& study) {
  const std::int64_t last = last_run(session, study);
  if (last == run_before_) return;
  throw errors::ExportError(
      fmt::format("cannot export study {} into {}: another run loaded it after this one began to read", study, table().text()),
      {.code = ErrorCode::conflict, .hint = "run again; nothing was changed", .origin = {.system = std::string(place_.dialect->system)}});
}

// The target and what stands beside it. True: the target was made.
bool SqlLoader::make_tables(SqlSession& session) {
  const bool is_new = !require_columns(session);
  if (is_new) {
    session.run(statements_.create_target(), "create");
    for (const SqlText& comment : statements_.comments()) session.run(comment, "comment");
    if (place_.dialect->wants_index) session.run(statements_.create_index(), "index");
  }
  session.run(statements_.create_loads(), "ledger-create");
  session.run(statements_.create_runs(), "runs-create");
  return is_new;
}

LoadResult SqlLoader::transact(SqlSession& session, const StudyRead& read, const ConfirmGone& confirm_gone, const Judge& judge) {
  if (place_.dialect->engine == Engine::postgresql) session.run(statements_.lock(read.study), "lock");
  require_still_last(session, read.study);
  const std::string when = stamp_of(clock_);
  const bool is_new = make_tables(session);
  StudyWork work(session, statements_, place_, settings_, hooks_, run_id_, read, when);
  const LoadPlan plan = work.plan(is_new);
  const LoadMethod method = work.method(plan);
  LoadResult result = work.apply(plan, method, confirm_gone);
  const FormRows after = work.forms();
  judge(result, after);
  if (method == LoadMethod::nothing) {
    session.run(statements_.rollback(), "rollback");
    return result;
  }
  std::int64_t live = 0;
  for (const auto& [form, rows] : after) live += rows;
  session.run(statements_.insert_run({.run_id = run_id_,
                                      .study = read.study,
                                      .mode = std::string(mode_name(settings_.mode)),
                                      .method = std::string(method_name(method)),
                                      .started_at = started_at_,
                                      .finished_at = stamp_of(clock_),
                                      .number = run_before_ + 1,
                                      .inserted = result.inserted,
                                      .updated = result.updated,
                                      .vanished = result.vanished,
                                      .live = live}),
              "runs-insert");
  unanswered_ = result;
  session.run(statements_.commit(), "commit");
  unanswered_.reset();
  return result;
}

LoadResult SqlLoader::load_once(const StudyRead& read, const ConfirmGone& confirm_gone, const Judge& judge) {
  SqlSession session(place_, settings_.stop, connect_);
  session.run(statements_.settle_session(), "settle");
  if (unanswered_ && is_committed(session)) return *std::exchange(unanswered_, std::nullopt);
  unanswered_.reset();
  session.run(statements_.begin(), "begin");
  try {
    LoadResult result = transact(session, read, confirm_gone, judge);
    session.close();
    return result;
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
