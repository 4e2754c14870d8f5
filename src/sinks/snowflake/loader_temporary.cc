// loader_temporary.cc: loads that must be all or nothing: into a temporary table first, judged there, then one transaction.
#include <algorithm>

#include "core/run_id.h"
#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/loader_change_internal.h"
#include "sinks/snowflake/merge_statements.h"

namespace imednet::sinks::snowflake {

ObjectName Loader::temporary_table() const {
  return {table_.database(), table_.schema(), Identifier::own("IMEDNET_TMP_" + core::table_suffix(run_id_))};
}

void Loader::fill_temporary(const Files& files, const LoadedFiles& known) {
  std::int64_t done = 0;
  const auto all = static_cast<std::int64_t>(files.size());
  transfer_.upload(files, known, [&](std::int64_t uploaded) {
    if (hooks_.on_step) hooks_.on_step("uploading", uploaded, all);
  });
  if (hooks_.on_uploaded) hooks_.on_uploaded(files);
  const ObjectName temporary = temporary_table();
  // All DDL stands before BEGIN: in Snowflake it would commit an open transaction.
  session_.run(create_temporary_like(temporary, table_), "temporary");
  done = 0;
  for (const Files& group : in_groups(files)) {
    if (hooks_.on_step) hooks_.on_step("loading", done, all);
    copy_group(temporary, group, true);
    require_counts(temporary, group, true);
    done += static_cast<std::int64_t>(group.size());
  }
  if (hooks_.on_step) hooks_.on_step("verifying", all, all);
}

// Live rows of the study that no file of the plan holds. Gone they are only when the API, asked again, says so too.
std::vector<std::int64_t> Loader::find_vanished(const StudyRead& read, const LoadPlan& plan, bool has_temporary,
                                                const ConfirmGone& confirm_gone) {
  const ObjectName temporary = temporary_table();
  const std::vector<IdRange> kept = kept_ranges(read, plan);
  std::vector<std::int64_t> ids;
  attempt("vanished", [&] {
    const db::Answer answer = session_.run(missing_records(table_, has_temporary ? &temporary : nullptr, read.study, kept), "vanished");
    ids.clear();
    for (std::size_t row = 0; row < answer.rows.size(); ++row) ids.push_back(answer.number(row, "RECORD_ID"));
  });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (!ids.empty() && confirm_gone) confirm_gone(ids);
  return ids;
}

void Loader::load_through_temporary(const StudyRead& read, const LoadPlan& plan, const ConfirmGone& confirm_gone, LoadResult& result) {
  const bool replaces = result.method == LoadMethod::replace;
  const Files& files = replaces ? read.files : plan.pending;
  const bool has_temporary = !files.empty();
  Change change{.read = read, .plan = plan, .method = result.method, .files = files};
  set_cursor_aside(read.study);  // here, and not later: a session that is lost on the way takes the temporary table with it
  if (has_temporary) {
    fill_temporary(files, plan.known);
    attempt("count", [&] {
      const db::Answer answer = session_.run(key_counts(temporary_table(), shape_), "count");
      change.rows = answer.number(0, "ROW_COUNT");
      change.records = answer.number(0, "KEY_COUNT");
    });
    if (change.rows != change.records) change.paths = paths(files);
  }
  if (result.method == LoadMethod::merge && !plan.records_in_api) change.vanished = find_vanished(read, plan, has_temporary, confirm_gone);
  const auto all = static_cast<std::int64_t>(files.size());
  if (hooks_.on_step) hooks_.on_step("committing", all, all);
  if (hooks_.on_loading) hooks_.on_loading(files);
  attempt(method_name(result.method), [&] { commit(change, result); });
  if (has_temporary) drop_temporary();
  const FileStatus status = result.method == LoadMethod::merge ? FileStatus::merged : FileStatus::loaded;
  result.outcomes = outcomes_of(read, plan, files, status);
  for (const FileOutcome& outcome : result.outcomes) {
    if (outcome.status == status && hooks_.on_outcome) hooks_.on_outcome(*this, outcome);
  }
}

// The rows are in the target: a table that stays until the session ends is no reason to lose what is said of them.
void Loader::drop_temporary() {
  try {
    session_.run(drop_table(temporary_table()), "temporary");
  } catch (const ImednetError&) {
    // It goes with the session, and a stop is seen by the next statement.
  }
}

}  // namespace imednet::sinks::snowflake
