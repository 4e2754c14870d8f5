// loader_changes.cc: the merge of a partial reading: files that hold only what changed since a time.
#include <fmt/format.h>

#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/loader_change_internal.h"
#include "sinks/snowflake/merge_statements.h"

namespace imednet::sinks::snowflake {
namespace {

[[noreturn]] void throw_counts(const std::string& study, const std::string& cause) {
  throw errors::ExportError(fmt::format("cannot write what changed in study {}: {} (nothing was changed)", study, cause),
                            {.code = errors::ErrorCode::counts_differ,
                             .hint = "run again with --sweep; if it stays, use --force-reload to replace the study's rows",
                             .origin = {.system = "snowflake"}});
}

}  // namespace

LoadResult Loader::load_changes(const StudyRead& read, std::int64_t records_in_api) {
  prepare();
  LoadPlan plan = make_plan(read);
  plan.records_in_api = records_in_api;
  LoadResult result;
  result.method = LoadMethod::merge;
  if (plan.there.live > 0) result.before = plan.forms = forms_of(read.study);
  if (!read.files.empty()) {
    load_through_temporary(read, plan, {}, result);
  } else if (plan.there.live != records_in_api) {
    throw_not_whole(read.study, plan.there.live, records_in_api, "snowflake");
  } else {
    result.method = LoadMethod::nothing;
  }
  return result;
}

// Asked inside the transaction, so that a wrong answer is rolled back: every record that changed stands in the table with its hash,
// no record stands there twice, and the live rows are as many as the API's records.
void Loader::require_changes(const Change& change, const LoadResult& result) {
  const std::string& study = change.read.study;
  const StudyState state = count_study(study);
  const std::int64_t equal = session_.run(equal_rows(table_, temporary_table(), shape_), "count").number(0, "ROW_COUNT");
  if (result.twice != 0 || equal != change.records) {
    throw_counts(study, fmt::format("{} records were staged and {} stand in {} as staged", change.records, equal, table_.text()));
  }
  if (result.inserted + result.updated + result.unchanged != change.records || state.of_run != result.inserted + result.updated) {
    throw_counts(study, fmt::format("of {} records {} were inserted, {} updated and {} left, and the table shows {} as written",
                                    change.records, result.inserted, result.updated, result.unchanged, state.of_run));
  }
  if (state.live != *change.plan.records_in_api || state.live_ids != state.live)
    throw_not_whole(study, state.live, *change.plan.records_in_api, "snowflake");
}

// A full reading later must not take a file for in whose rows are no longer all in the table; and a file of changes never stands for
// all records between its first and its last.
void Loader::supersede_touched(const Change& change) {
  const std::string& study = change.read.study;
  const db::Answer written = session_.run(records_of_run(table_, study, run_id_), "changed");
  std::vector<std::int64_t> ids;
  for (std::size_t row = 0; row < written.rows.size(); ++row) ids.push_back(written.number(row, "RECORD_ID"));
  ledger_.supersede(study, files_touched(change.plan.known, ids), run_id_);
  ledger_.supersede(study, paths(change.files), run_id_);
}

}  // namespace imednet::sinks::snowflake
