// loader_copy.cc: the COPY of one group of files, what its answer says, and what the table says.
#include <fmt/format.h>

#include "core/retry.h"
#include "sinks/snowflake/checksum_answer.h"
#include "sinks/snowflake/copy_answer.h"
#include "sinks/snowflake/loader.h"
#include "sinks/snowflake/snowflake_errors.h"

namespace imednet::sinks::snowflake {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::RetryClass;

namespace {

constexpr int kBatchesNamed = 20;    // in an error; more help nobody
constexpr int kStatusQuestions = 8;  // about a statement whose answer was lost, each after a longer wait

std::string others_of(const Files& group, const staging::StagedFile& culprit) {
  if (group.size() == 1) return "";
  std::string text = " (not loaded either:";
  int named = 0;
  for (const staging::StagedFile* file : group) {
    if (file == &culprit) continue;
    if (named++ == kBatchesNamed) return text + fmt::format(" and {} more)", group.size() - 1 - kBatchesNamed);
    text += fmt::format("{} {}", named == 1 ? "" : ",", file->batch_id);
  }
  return text + ")";
}

ErrorDetail with_retry(ErrorDetail detail, RetryClass retry) {
  detail.retry = retry;
  return detail;
}

}  // namespace

void Loader::copy_group(const ObjectName& into, const Files& group, bool force) {
  attempt("copy", [&] { copy_once(into, group, force); });
}

void Loader::copy_once(const ObjectName& into, const Files& group, bool force) {
  std::vector<std::string> names;
  for (const staging::StagedFile* file : group) names.push_back(transfer_.relative(*file));
  try {
    const db::Answer answer = session_.run(copy_into(into, shape_, transfer_.directory(), names, run_id_, force), "copy");
    for (const staging::StagedFile* file : group) copy_tags_[file->batch_id] = session_.last_tag();
    check_copy_answer(answer, into, group);
  } catch (const errors::ExportBatchError&) {
    throw;
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled && config_.stop.stop_requested()) throw;
    const staging::StagedFile& culprit = *group[file_named_in(error.what(), paths(group)).value_or(0)];
    if (error.retry_class() != RetryClass::never) {
      if (settle_failed_copy(into, group, error)) return;
      throw_for(culprit, fmt::format("cannot load the batch {}: {}{}", culprit.batch_id, error.what(), others_of(group, culprit)),
                with_retry(error.detail(), RetryClass::backoff));
    }
    // A file that lay on the stage before this run may be broken there: once more, from our own copy.
    if (!transfer_.was_taken_as_present(culprit)) {
      throw_for(culprit, fmt::format("cannot load the batch {}: {}{}", culprit.batch_id, error.what(), others_of(group, culprit)),
                error.detail());
    }
    transfer_.upload_again(culprit);
    copy_once(into, group, force);  // ends: the file no longer counts as taken as present
  }
}

// A statement may go on after its answer was lost. False: nobody knows.
bool Loader::is_finished(const std::string& tag) {
  const RetryPolicy waits{.backoff = config_.retry_backoff};
  for (int question = 0; question < kStatusQuestions; ++question) {
    const auto status = session_.status_of(tag);
    if (status != "RUNNING" && status != "QUEUED" && status != "BLOCKED" && status != "RESUMING_WAREHOUSE") return true;
    if (!clock_.sleep(waits.wait_after(question), config_.stop)) core::throw_cancelled();
  }
  return false;
}

void Loader::throw_temporary_lost(const staging::StagedFile& file, const ImednetError& error) const {
  throw_for(file,
            fmt::format("cannot load the batch {}: {}; the temporary table went with the session and nothing was changed", file.batch_id,
                        error.what()),
            {.code = ErrorCode::unavailable, .hint = "run again as it is", .retry = RetryClass::never, .origin = error.origin()});
}

// COPY's or COMMIT's answer was lost: whether it worked is asked, first of the history by the statement's tag (is it still at
// work?), then of the table. True: all rows are there. False: none is, and none will come.
bool Loader::settle_failed_copy(const ObjectName& into, const Files& group, const ImednetError& error) {
  const std::string tag = session_.last_tag();
  try {
    if (is_session_lost(error)) {
      session_.reconnect();
      if (into != table_) throw_temporary_lost(*group.front(), error);
    }
    if (!is_finished(tag)) throw ImednetError("the statement still runs", {.code = ErrorCode::in_doubt});
    const auto found = facts(into, group, true);
    if (found.empty()) return false;
    require_counts(into, group, true);
    return true;
  } catch (const errors::ExportBatchError&) {
    throw;
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
  attempt("verify", [&] { answer = session_.run(file_facts(table, shape_, paths(files), of_this_run ? run_id_ : ""), "verify"); });
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    Facts& fact = found[answer.at(row, "_FILE").value_or("")];
    fact.rows = answer.number(row, "ROW_COUNT");
    fact.checksum = checksum_in(answer, row);
    for (std::size_t i = 0; answer.find(fmt::format("N_{}", i)); ++i) fact.non_null.push_back(answer.number(row, fmt::format("N_{}", i)));
  }
  if (of_this_run && table == table_) subtract_earlier(found);
  for (const auto& [path, fact] : found) checksums_[path] = fact.checksum;
  return found;
}

// With FORCE one sink may load the same file twice: only the rows of the load at hand answer for it.
void Loader::subtract_earlier(std::map<std::string, Facts, std::less<>>& found) const {
  for (const auto& [path, before] : earlier_) {
    const auto now = found.find(path);
    if (now == found.end()) continue;
    now->second.rows -= before.rows;
    now->second.checksum.clear();
    for (std::size_t i = 0; i < now->second.non_null.size() && i < before.non_null.size(); ++i)
      now->second.non_null[i] -= before.non_null[i];
    if (now->second.rows == 0) found.erase(now);
  }
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
