// loader.h: decides what has to be loaded, loads it, and counts what came of it.
//
// Where it stands: staged files → this → table, ledger.
// Order:   ledger, the table's own _FILE column and load history, LIST, PUT, LIST, COPY, counts, ledger (ADR 0005, 0006).
// Promise: a file's rows are in the table once; COPY's answer, the table's counts per column and the footers agree, else
//          counts_differ. A statement whose answer was lost is asked for before it is sent again (ADR 0007).
// Errors:  ExportBatchError with the batch, ExportError duplicates (nothing was written), ExportConfigurationError.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sinks/snowflake/connection.h"
#include "sinks/snowflake/load_plan.h"
#include "sinks/snowflake/study_cursor.h"
#include "sinks/snowflake/target.h"
#include "sinks/snowflake/verify_statements.h"

namespace imednet::sinks::snowflake {

// Cut to what one COPY takes: Snowflake allows 1,000 names in FILES.
std::vector<Files> in_groups(const Files& files);

// What a run would do.
struct LoadPreview {
  LoadMethod method = LoadMethod::nothing;
  bool makes_ledger = false;
  std::vector<std::string> makes_tables, adds_columns;  // by name
  std::int64_t files_in = 0, files_pending = 0, rows_in = 0, rows_pending = 0;
  std::int64_t inserted = 0, updated = 0, unchanged = 0;
  std::int64_t vanished = 0;    // live rows without a record; a run asks the API once more before it marks them
  FormRows before;              // live rows
  std::int64_t live_after = 0;  // of preview_changes alone: live rows as they would be
  std::exception_ptr refusal;   // the error a run would end with before it writes
  PlannedLoad planned;
};

// Live rows of one part of a study's ids.
struct PartSum {
  std::int64_t rows = 0;
  std::string checksum{};  // verify_statements.h; empty without rows
};

class Loader {
 public:
  // `shape` and `shared` outlive this. Nothing is asked yet.
  Loader(Connection& shared, ObjectName table, const TableShape& shape = records_shape());
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // A whole study's files, as config.mode says: both of the following, and the guard against a study that shrank.
  LoadResult load_study(const StudyRead& read, const ConfirmGone& confirm_gone);
  // What is to be done with them; makes the table and the ledger where they are missing. A dimension is replaced when it changed.
  PlannedLoad plan_study(const StudyRead& read);
  LoadResult load_planned(const StudyRead& read, const PlannedLoad& planned, const ConfirmGone& confirm_gone);
  // Files that hold only the records changed since a time: merged, and nothing is marked. Afterwards the study has as many live rows
  // as the API holds records; else StudyNotWhole, and nothing was changed.
  LoadResult load_changes(const StudyRead& read, std::int64_t records_in_api);
  // One file, literally (write_batch).
  FileOutcome load_batch(const std::string& study, const staging::StagedFile& file);

  // The table has to be one of this shape, or one that may be made. Nothing is written.
  void look();
  bool is_there();
  // As LoadLedger.
  std::vector<std::pair<std::string, std::string>> tables_of(const std::string& study, std::string_view layout);
  // What load_study would do. Nothing is written; a table or ledger that is missing counts as empty.
  LoadPreview preview(const StudyRead& read);
  // The same of one table of several, whose guard against a study that shrank is the caller's.
  LoadPreview preview_alone(const StudyRead& read);
  // What load_changes would do; whether `live_after` is what the API holds is the caller's to see.
  LoadPreview preview_changes(const StudyRead& read);

  // For whom proves a table: loader_verify.cc. Each is one statement, which needs a warehouse; nothing is written.
  // `ends` rise: where each part of the ids but the last one ends. One entry a part.
  std::vector<PartSum> part_sums(const std::string& study, std::span<const std::int64_t> ends);
  // The study's live rows within `parts`, by record id; sent again from the start when the session was lost on the way.
  void read_live_rows(const std::string& study, std::span<const IdsBetween> parts, const std::function<void()>& on_start,
                      const std::function<void(const arrow::RecordBatch&)>& visit);

  // The study's live rows: by form, and all of them, of a dimension too.
  FormRows forms_of(const std::string& study);
  std::int64_t live_rows(const std::string& study) { return state_of(study).live; }
  std::string table_text() const { return table_.text(); }
  const TableShape& shape() const noexcept { return shape_; }
  StageTransfer& stage() noexcept { return transfer_; }                 // for a replay, which fetches files before it loads them
  std::string stage_path(const staging::StagedFile& file) const;        // as a person writes it: @MY_STAGE/imednet/…
  std::string remove_statement(const staging::StagedFile& file) const;  // REMOVE @MY_STAGE/imednet/…
  // Of the statement that loaded the file; empty when its answer was lost, or when it was found in.
  std::string statement_tag(const staging::StagedFile& file) const;
  // Of the file's rows as they stood when they were counted last; empty: they were not, or not apart from others.
  std::string checksum(const staging::StagedFile& file) const;
  // The table of leases; nullopt: without a ledger there is none.
  std::optional<ObjectName> leases() const;
  // What the last verified run of the study left.
  CursorTable cursor_of(const std::string& study);
  // Whether the target is there with all columns of the layout; asks without a warehouse. Throws as prepare does.
  bool has_all_columns();
  const Identifier& database() const noexcept { return names_.database; }

 private:
  struct Facts {
    std::int64_t rows = 0;
    std::vector<std::int64_t> non_null;
    std::string checksum{};
  };

  void prepare();
  // Before the first change to the study's rows, once a run.
  void set_cursor_aside(const std::string& study);
  // One question each. Within a transaction these, and not state_of and forms_of: a new session would have lost it.
  StudyState count_study(const std::string& study);
  FormRows count_forms(const std::string& study);
  StudyState state_of(const std::string& study);
  // loader_study.cc
  LoadPlan make_plan(const StudyRead& read, bool has_ledger = true);
  bool adopts_files() const { return config_.idempotent && config_.mode != integrations::WriteMode::replace; }
  Files adoptable(const LoadPlan& plan, bool one_by_one);
  void adopt(const StudyRead& read, LoadPlan& plan, bool one_by_one);
  const staging::StagedFile* remembered_by_history(const LoadPlan& plan);
  // The way the study takes, and what speaks against it (ExportError); both ask and write nothing.
  LoadMethod method_for(const StudyRead& read, const LoadPlan& plan);
  void require_allowed(const StudyRead& read, const LoadPlan& plan, LoadMethod method);
  void append(const StudyRead& read, const LoadPlan& plan, LoadResult& result);
  void require_no_doubles(const StudyRead& read, const LoadPlan& plan) const;
  void load_pending(const std::string& study, const Files& pending, const LoadedFiles& known, bool force);
  std::vector<FileOutcome> outcomes_of(const StudyRead& read, const LoadPlan& plan, const Files& loaded, FileStatus status);
  // loader_preview.cc
  LoadPlan preview_plan(const StudyRead& read, LoadPreview& preview);
  void preview_rows(const StudyRead& read, const LoadPlan& plan, LoadPreview& preview);
  void preview_changed_file(const StudyRead& read, const staging::StagedFile& file, LoadPreview& preview);
  // loader_temporary.cc
  void load_through_temporary(const StudyRead& read, const LoadPlan& plan, const ConfirmGone& confirm_gone, LoadResult& result);
  void fill_temporary(const Files& files, const LoadedFiles& known);
  void drop_temporary();
  std::vector<std::int64_t> find_vanished(const StudyRead& read, const LoadPlan& plan, bool has_temporary, const ConfirmGone& confirm_gone);
  // loader_changes.cc
  struct Change;
  void require_changes(const Change& change, const LoadResult& result);
  void supersede_touched(const Change& change);
  // loader_commit.cc
  void commit(const Change& change, LoadResult& result);
  void apply(const Change& change, LoadResult& result);
  void mark_vanished(const Change& change);
  void require_mirror(const Change& change, LoadResult& result);
  bool settle_commit(const Change& change, const LoadResult& result, const ImednetError& error);
  [[noreturn]] void fail_commit(const Change& change, const ImednetError& error);
  // loader_copy.cc
  void copy_group(const ObjectName& into, const Files& group, bool force);
  void copy_once(const ObjectName& into, const Files& group, bool force);
  bool is_finished(const std::string& tag);
  bool settle_failed_copy(const ObjectName& into, const Files& group, const ImednetError& error);
  void check_copy_answer(const db::Answer& answer, const ObjectName& into, const Files& group);
  std::map<std::string, Facts, std::less<>> facts(const ObjectName& table, const Files& files, bool of_this_run);
  void require_counts(const ObjectName& table, const Files& files, bool of_this_run);
  void subtract_earlier(std::map<std::string, Facts, std::less<>>& found) const;
  void remember(const std::string& study, const Files& files);
  LedgerEntry entry(const std::string& study, const staging::StagedFile& file) const;
  void attempt(std::string_view step, const std::function<void()>& action) { shared_.attempt(step, action); }
  std::vector<std::string> paths(const Files& files) const;
  ObjectName temporary_table() const;
  [[noreturn]] void throw_temporary_lost(const staging::StagedFile& file, const ImednetError& error) const;
  [[noreturn]] void throw_for(const staging::StagedFile& file, const std::string& message, errors::ErrorDetail detail) const;

  Connection& shared_;
  const integrations::SnowflakeSinkConfig& config_;
  const ConnectionNames& names_;
  const std::string& run_id_;
  core::Clock& clock_;
  const LoaderHooks& hooks_;
  Session& session_;
  StageTransfer& transfer_;
  ObjectName table_;
  const TableShape& shape_;
  LoadLedger ledger_;
  TargetState target_;
  std::map<std::string, std::string, std::less<>> copy_tags_;  // batch id -> tag of the COPY that loaded it
  std::map<std::string, std::string, std::less<>> checksums_;  // path below the stage -> checksum of the file's rows
  std::map<std::string, Facts, std::less<>> earlier_;          // FORCE: what this run loaded from the files at hand before
  std::set<std::string, std::less<>> cursors_aside_;           // studies whose cursor is empty now
  bool is_prepared_ = false;
};

}  // namespace imednet::sinks::snowflake
