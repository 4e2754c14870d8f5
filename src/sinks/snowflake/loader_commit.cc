// loader_commit.cc: the one transaction of merge, replace and large appends: the study's rows as they were, or all as they
// shall be, and nothing is committed before it was counted.
#include <fmt/format.h>

#include <algorithm>

#include "core/retry.h"
#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/loader_change_internal.h"
#include "sinks/snowflake/merge_statements.h"
#include "sinks/snowflake/snowflake_errors.h"
#include "sinks/snowflake/transaction_statements.h"
#include "sinks/snowflake/transactions.h"

namespace imednet::sinks::snowflake {

using errors::ErrorCode;
using errors::RetryClass;

namespace {

constexpr std::size_t kIdsAStatement = 10'000;

[[noreturn]] void throw_counts(const std::string& study, const std::string& cause, std::string_view hint) {
  throw errors::ExportError(fmt::format("cannot write the rows of study {}: {} (nothing was changed)", study, cause),
                            {.code = ErrorCode::counts_differ, .hint = std::string(hint), .origin = {.system = "snowflake"}});
}

constexpr std::string_view kRunAgain = "run again; if it stays, use --force-reload to replace the study's rows";

}  // namespace

void Loader::commit(const Change& change, LoadResult& result) {
  bool is_committing = false;
  try {
    session_.run(begin_transaction(transaction_name(hooks_.this_process(), run_id_)), "begin");
    apply(change, result);
    if (change.plan.records_in_api) {
      require_changes(change, result);
    } else if (change.method != LoadMethod::append) {
      require_mirror(change, result);
    }
    if (change.method == LoadMethod::replace) {
      ledger_.supersede(change.read.study, run_id_);
    } else if (change.method == LoadMethod::merge && !change.plan.records_in_api) {
      ledger_.supersede(change.read.study, change.plan.others, run_id_);
    }
    remember(change.read.study, change.files);
    if (change.plan.records_in_api) supersede_touched(change);
    // Last: what this locks stays locked until COMMIT, and when this process dies before it until somebody ends its transaction.
    if (hooks_.on_transaction) hooks_.on_transaction();
    is_committing = true;
    session_.run(commit_transaction(), "commit");
  } catch (const ImednetError& error) {
    if (is_committing && error.retry_class() != RetryClass::never) {
      if (settle_commit(change, result, error)) return;
      errors::ErrorDetail detail = error.detail();
      detail.retry = RetryClass::backoff;  // nothing of it is there, and nothing will come
      fail_commit(change, ImednetError(error.what(), std::move(detail)));
    }
    roll_back(shared_.lease_deps());
    fail_commit(change, error);
  }
}

void Loader::fail_commit(const Change& change, const ImednetError& error) {
  if (error.code() == ErrorCode::cancelled || error.code() == ErrorCode::counts_differ || error.code() == ErrorCode::in_doubt) {
    throw;  // NOLINT: only called while handling `error`
  }
  const std::string& study = change.read.study;
  if (change.files.empty()) {
    throw errors::ExportError(fmt::format("cannot write the rows of study {}: {} (nothing was changed)", study, error.what()),
                              error.detail());
  }
  if (is_session_lost(error)) throw_temporary_lost(*change.files.front(), error);
  throw_for(*change.files.front(), fmt::format("cannot write the rows of study {}: {} (nothing was changed)", study, error.what()),
            error.detail());
}

void Loader::apply(const Change& change, LoadResult& result) {
  const ObjectName temporary = temporary_table();
  const std::string& study = change.read.study;
  result.inserted = result.updated = result.unchanged = 0;
  result.twice = change.rows - change.records;
  if (change.method == LoadMethod::replace) session_.run(delete_study(table_, study), "delete");
  if (change.files.empty()) {
    // Nothing waits: rows only go.
  } else if (change.method == LoadMethod::append) {
    result.inserted = session_.run(insert_all_from(table_, temporary, shape_), "insert").number(0, "number of rows inserted");
    result.twice = 0;
    if (result.inserted != change.rows) {
      throw_counts(study, fmt::format("{} rows were to be inserted and {} were", change.rows, result.inserted), kRunAgain);
    }
  } else if (change.method == LoadMethod::replace) {
    result.inserted =
        session_.run(insert_newest_from(table_, temporary, shape_, change.paths), "insert").number(0, "number of rows inserted");
  } else {
    result.unchanged = session_.run(equal_rows(table_, temporary, shape_), "count").number(0, "ROW_COUNT");
    const db::Answer answer = session_.run(merge_from(table_, temporary, shape_, change.paths), "merge");
    result.inserted = answer.number(0, "number of rows inserted");
    result.updated = answer.number(0, "number of rows updated");
  }
  mark_vanished(change);
  result.vanished = static_cast<std::int64_t>(change.vanished.size());
}

void Loader::mark_vanished(const Change& change) {
  const std::span<const std::int64_t> all(change.vanished);
  for (std::size_t start = 0; start < all.size(); start += kIdsAStatement) {
    const auto some = all.subspan(start, std::min(kIdsAStatement, all.size() - start));
    session_.run(mark_deleted(table_, change.read.study, some), "mark");
  }
}

// Asked inside the transaction, so that a wrong answer is rolled back: every waiting row stands in the table with its hash, and
// the study's live rows are those of the plan, each record once, form by form.
void Loader::require_mirror(const Change& change, LoadResult& result) {
  const std::string& study = change.read.study;
  const StudyState state = count_study(study);
  if (!change.files.empty()) {
    const std::int64_t equal = session_.run(equal_rows(table_, temporary_table(), shape_), "count").number(0, "ROW_COUNT");
    if (equal < change.records || (result.twice == 0 && equal != change.records)) {
      throw_counts(study, fmt::format("{} records were staged and {} stand in {} as staged", change.records, equal, table_.text()),
                   kRunAgain);
    }
  }
  if (result.twice > 0) result.unchanged = change.records - result.inserted - result.updated;  // the count saw both of a pair
  if (result.inserted + result.updated + result.unchanged != change.records || state.of_run != result.inserted + result.updated) {
    throw_counts(study,
                 fmt::format("of {} records {} were inserted, {} updated and {} left, and the table shows {} as written", change.records,
                             result.inserted, result.updated, result.unchanged, state.of_run),
                 kRunAgain);
  }
  const std::int64_t kept = change.method == LoadMethod::replace ? 0 : change.plan.rows_in;
  if (state.live != kept + change.records || state.live_ids != state.live) {
    throw_counts(study,
                 fmt::format("the API holds {} records, and {} would hold {} live rows of {} records", kept + change.records, table_.text(),
                             state.live, state.live_ids),
                 "rows stand twice, or rows that no export of this study loaded: use --force-reload to replace the study's rows");
  }
  if (result.twice == 0 && count_forms(study) != change.read.forms) {
    throw_counts(study, "the forms have other numbers of live rows than the API", kRunAgain);
  }
}

// COMMIT's answer was lost: all of the transaction is there, or nothing of it. True: it is there.
bool Loader::settle_commit(const Change& change, const LoadResult& result, const ImednetError& error) {
  const std::string tag = session_.last_tag();
  try {
    if (is_session_lost(error)) session_.reconnect();
    if (!is_finished(tag)) throw ImednetError("the statement still runs", {.code = ErrorCode::in_doubt});
    // A COMMIT that failed leaves the transaction open, and this session would count its rows as if everybody saw them.
    session_.run(rollback_transaction(), "rollback");
    const StudyState now = state_of(change.read.study);
    const std::int64_t written = result.inserted + result.updated;
    const bool is_there = written > 0 ? now.of_run == written : now.live == change.plan.there.live - result.vanished;
    if (!is_there && is_session_lost(error) && !change.files.empty()) throw_temporary_lost(*change.files.front(), error);
    return is_there;
  } catch (const errors::ExportBatchError&) {
    throw;
  } catch (const ImednetError& second) {
    if (second.code() == ErrorCode::cancelled) throw;
    throw errors::ExportError(fmt::format("cannot tell whether the rows of study {} were written: {}", change.read.study, error.what()),
                              {.code = ErrorCode::in_doubt,
                               .hint = "run again as it is: the next run asks Snowflake first",
                               .retry = RetryClass::never,
                               .origin = error.origin()});
  }
}

}  // namespace imednet::sinks::snowflake
