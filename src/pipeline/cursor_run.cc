#include "pipeline/cursor_run.h"

#include <fmt/format.h>

#include <utility>

#include "pipeline/reading_digest.h"

namespace imednet::pipeline {

using errors::ErrorCode;
using integrations::WriteMode;
using sinks::snowflake::CursorTable;
using sinks::snowflake::ExportRun;
using sinks::snowflake::StudyCursor;

CursorRun::CursorRun(ExportRun& run, const ImednetSDK& sdk, std::string study) : run_(run), sdk_(sdk), study_(std::move(study)) {
  if (run_.config().use_ledger) table_.emplace(run_.loader().cursor_of(study_));
  look();
}

void CursorRun::look() {
  seen_ = table_ ? table_->look() : CursorTable::Seen{};
  choice_ = choose_since(run_.config(), seen_);
}

// A replace and a forced reload write whatever is there, and an append does not make a mirror.
bool CursorRun::may_stand() const {
  const WriteMode mode = run_.config().mode;
  const bool may_do_nothing = run_.config().idempotent && (mode == WriteMode::automatic || mode == WriteMode::merge);
  return may_do_nothing && seen_.cursor && (!choice_.since.empty() || !seen_.cursor->plan_hash.empty());
}

std::optional<StudyCursor> CursorRun::unchanged(StagedStudy& staged) {
  if (!may_stand() || !run_.loader().has_all_columns()) return std::nullopt;
  count_rereads(read_study(host_of(run_), sdk_, study_, staged, [] {}, {.since = choice_.since}));
  is_read_ = true;
  if (!stands(staged)) return std::nullopt;
  count_quiet_run(staged);
  return seen_.cursor;
}

// Of a partial reading: nothing came, or after the cursor just what the last run knew already; and no record is gone.
bool CursorRun::stands(const StagedStudy& staged) {
  const StudyCursor& cursor = *seen_.cursor;
  if (staged.since.empty()) return !cursor.plan_hash.empty() && plan_digest(staged.files) == cursor.plan_hash;
  bool is_known = staged.proof.read == 0 && !choice_.follows_cursor;
  if (choice_.follows_cursor && !cursor.recent_hash.empty()) {
    const RowsDigest all = digest_of_all(staged.files);
    is_known = all.rows == cursor.recent_rows && all.hash == cursor.recent_hash;
  }
  if (is_known && staged.records_in_api != cursor.live_rows) {
    order_all(fmt::format("nothing changed, and yet the API holds {} records and the table {}", staged.records_in_api, cursor.live_rows));
    return false;
  }
  return is_known;
}

// Beside the cursor, in a comment of its own: that of the cursor belongs to whoever holds the lease.
void CursorRun::count_quiet_run(const StagedStudy& staged) {
  if (!staged.since.empty() && !choice_.follows_cursor) return;
  const std::int64_t runs = staged.since.empty() ? 0 : seen_.quiet_runs + 1;
  if (runs == seen_.quiet_runs) return;
  try {
    table_->keep_quiet_runs(*seen_.cursor, runs);
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    run_.warn(fmt::format("this run does not count for --sweep-every: {} can't be written: {}", table_->name().text(), error.what()));
  }
}

ReadingOrder CursorRun::order() {
  if (must_read_all_) return {};
  // Another run empties the comment before it changes anything, and writes another one when it is verified.
  const std::string text = seen_.text;
  const std::string since = choice_.since;
  look();
  is_read_ = is_read_ && seen_.text == text && choice_.since == since;
  return {.since = choice_.since, .is_read = is_read_};
}

ReadingOrder CursorRun::order_all(const std::string& why) {
  choice_ = {.why_all = why};
  must_read_all_ = true;
  return {};
}

void CursorRun::tell(const StagedStudy& staged) {
  if (run_.config().since.empty() || !staged.since.empty()) return;
  const std::string why = staged.is_filter_ignored ? "the API showed records that did not change since" : choice_.why_all;
  if (!why.empty()) run_.warn(fmt::format("all records were read, though --since was given: {}", why));
}

void CursorRun::look_at_target() {
  if (table_) target_ = table_->target_facts();
}

bool CursorRun::keeps_cursor(const integrations::ExportReport& report) const {
  return table_ && run_.config().mode != WriteMode::append && report.rows_twice == 0 && !target_.created.empty();
}

StudyCursor CursorRun::next_cursor(const StagedStudy& staged, const integrations::ExportReport& report) const {
  StudyCursor next{.study = study_,
                   .target = report.table,
                   .run_id = report.run_id,
                   .verified_at = core::format_utc(run_.clock().utc_now()),
                   .table = target_,
                   .live_rows = report.rows_in_target};
  const StudyCursor* const last = seen_.cursor ? &*seen_.cursor : nullptr;
  const bool is_partial = !staged.since.empty();
  if (!is_partial) next.plan_hash = plan_digest(staged.files);
  if (is_partial && last != nullptr && report.rows_loaded == 0) next.plan_hash = last->plan_hash;
  if (is_partial && last != nullptr) next.partial_runs = last->partial_runs + seen_.quiet_runs + 1;
  // Changes between the last reading and a later --since were not read.
  const auto start = last != nullptr ? overlap_start(last->read_at) : std::nullopt;
  const bool leaves_a_gap = is_partial && (!start || *start < staged.since);
  if (leaves_a_gap) {
    if (last != nullptr) next.read_at = last->read_at;
    return next;
  }
  next.read_at = staged.proof.first_answer_timestamp;
  if (staged.recent) {
    const RowsDigest recent = digest_of(staged.files, *staged.recent);
    next.recent_hash = recent.hash;
    next.recent_rows = recent.rows;
  }
  return next;
}

void CursorRun::keep(const StagedStudy& staged, const integrations::ExportReport& report) {
  if (!keeps_cursor(report)) return;
  try {
    table_->keep(next_cursor(staged, report));
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    run_.warn(fmt::format("the next run can't know what this one did: {} can't be written: {}", table_->name().text(), error.what()));
  }
}

}  // namespace imednet::pipeline
