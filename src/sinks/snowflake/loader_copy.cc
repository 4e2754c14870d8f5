// loader_copy.cc: the COPY of one group of files, what its answer says, and what the table says.
#include <fmt/format.h>

#include <algorithm>

#include "sinks/snowflake/copy_answer.h"
#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/snowflake_errors.h"

namespace imednet::sinks::snowflake {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::RetryClass;

void Loader::copy_group(const ObjectName& into, const Files& group, bool force) {
  const RetryPolicy policy{.max_retries = config_.max_retries, .backoff = config_.retry_backoff};
  std::vector<std::string> names;
  for (const staging::StagedFile* file : group) names.push_back(transfer_.relative(*file));
  const SqlText copy = copy_into(into, transfer_.directory(), names, run_id_, force);
  bool has_put_again = false;
  for (int number = 0;; ++number) {
    try {
      check_copy_answer(session_.run(copy, "copy"), into, group);
      return;
    } catch (const errors::ExportBatchError&) {
      throw;
    } catch (const ImednetError& error) {
      if (error.code() == ErrorCode::cancelled && config_.stop.stop_requested()) throw;
      const auto named = file_named_in(error.what(), paths(group));
      const staging::StagedFile& culprit = *group[named.value_or(0)];
      // A file that lay on the stage before this run may be broken there: once more, from our own copy.
      if (error.retry_class() == RetryClass::never && !has_put_again && transfer_.was_taken_as_present(culprit)) {
        has_put_again = true;
        transfer_.upload_again(culprit);
        continue;
      }
      if (error.retry_class() == RetryClass::never) {
        throw_for(culprit,
                  fmt::format("cannot load the batch {}: {}{}", culprit.batch_id, error.what(),
                              group.size() > 1 ? fmt::format(" (none of the {} files of this COPY was loaded)", group.size()) : ""),
                  error.detail());
      }
      if (settle_failed_copy(into, group, error)) return;
      if (number >= policy.max_retries)
        throw_for(culprit, fmt::format("cannot load the batch {} in {} attempts: {}", culprit.batch_id, number + 1, error.what()),
                  error.detail());
      if (!clock_.sleep(policy.wait_after(number), config_.stop))
        throw ImednetError("cannot go on: the run was stopped", {.code = ErrorCode::cancelled});
    }
  }
}

// COPY's answer was lost: whether it worked is asked of the table. True: all rows are there. False: none is.
bool Loader::settle_failed_copy(const ObjectName& into, const Files& group, const ImednetError& error) {
  try {
    if (is_session_lost(error)) session_.reconnect();
    const auto found = facts(into, group, true);
    if (found.empty()) return false;
    require_counts(into, group, true);
    return true;
  } catch (const ImednetError& second) {
    if (second.code() == ErrorCode::cancelled) throw;
    throw_for(*group.front(), fmt::format("cannot tell whether the batch {} was loaded: {}", group.front()->batch_id, error.what()),
              {.code = ErrorCode::in_doubt,
               .hint = "run again as it is: the next run asks Snowflake first",
               .retry = RetryClass::reconcile,
               .origin = error.origin()});
  }
}

void Loader::check_copy_answer(const db::Answer& answer, const ObjectName& into, const Files& group) {
  const auto copied = read_copy_answer(answer, paths(group));
  Files not_loaded;
  for (const staging::StagedFile* file : group) {
    const auto said = copied.find(transfer_.path(*file));
    if (said == copied.end() || said->second.status != "LOADED") {
      not_loaded.push_back(file);
    } else if (said->second.rows_loaded != file->rows) {
      throw_for(
          *file,
          fmt::format("cannot trust the load of batch {}: its file has {} rows and COPY loaded {}", file->batch_id, file->rows,
                      said->second.rows_loaded),
          {.code = ErrorCode::counts_differ, .hint = "use --force-reload to replace the study's rows", .origin = {.system = "snowflake"}});
    }
  }
  if (not_loaded.empty()) return;
  // Skipped files are fine only when their rows came with this very run (an answer lost and asked for again).
  const auto found = facts(into, not_loaded, true);
  for (const staging::StagedFile* file : not_loaded) {
    const auto fact = found.find(transfer_.path(*file));
    if (fact != found.end() && fact->second.rows == file->rows) continue;
    throw_for(*file,
              fmt::format("cannot trust the load of batch {}: COPY did not load its file and the table does not hold its {} rows",
                          file->batch_id, file->rows),
              {.code = ErrorCode::counts_differ, .hint = "use --force-reload to load it again", .origin = {.system = "snowflake"}});
  }
}

std::map<std::string, Loader::Facts, std::less<>> Loader::facts(const ObjectName& table, const Files& files, bool of_this_run) {
  std::map<std::string, Facts, std::less<>> found;
  if (files.empty()) return found;
  db::Answer answer;
  attempt("verify", [&] { answer = session_.run(file_facts(table, paths(files), of_this_run ? run_id_ : ""), "verify"); });
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    Facts& fact = found[answer.at(row, "_FILE").value_or("")];
    fact.rows = answer.number(row, "ROW_COUNT");
    for (std::size_t i = 0; answer.find(fmt::format("N_{}", i)); ++i) fact.non_null.push_back(answer.number(row, fmt::format("N_{}", i)));
  }
  return found;
}

// A wrong column path in COPY's select gives NULL without an error, so what is not null is counted, column by column.
void Loader::require_counts(const ObjectName& table, const Files& files, bool of_this_run) {
  const auto found = facts(table, files, of_this_run);
  for (const staging::StagedFile* file : files) {
    const auto fact = found.find(transfer_.path(*file));
    const std::int64_t rows = fact == found.end() ? 0 : fact->second.rows;
    if (rows != file->rows) {
      throw_for(
          *file,
          fmt::format("cannot trust the load of batch {}: its file has {} rows and the table holds {}", file->batch_id, file->rows, rows),
          {.code = ErrorCode::counts_differ, .hint = "use --force-reload to replace the study's rows", .origin = {.system = "snowflake"}});
    }
    for (std::size_t i = 0; i < file->non_null.size(); ++i) {
      const std::int64_t counted = fact != found.end() && i < fact->second.non_null.size() ? fact->second.non_null[i] : -1;
      if (counted == file->non_null[i].second) continue;
      throw_for(
          *file,
          fmt::format("cannot trust the load of batch {}: column {} has {} values in the file and {} in the table", file->batch_id,
                      file->non_null[i].first, file->non_null[i].second, counted),
          {.code = ErrorCode::counts_differ, .hint = "use --force-reload to replace the study's rows", .origin = {.system = "snowflake"}});
    }
  }
}

}  // namespace imednet::sinks::snowflake
