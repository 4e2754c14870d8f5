// sql_loader.h: a study's files into a table of DuckDB, SQLite or PostgreSQL, in one transaction that is proved before it is committed.
//
// Where it stands: staged files → this → table, imednet_loads, imednet_runs.
// Order:   look() before the study is read: the number of the study's last run. Then, in one transaction: that number again (another run
// that came in
//          between wins, and this one ends with conflict), table, ledger, file by file (rows handed over and counted, compared with what
//          stands there, written, read back and hashed), vanished records, counts, ledger, the caller's own judgement, the run's number;
//          COMMIT.
// Promise: after an error the database is as it was. A COMMIT whose answer was lost is asked for by the run's id before anything is sent
// again. Errors:  ExportConfigurationError (schema_mismatch, not_found, as SqlSession); ExportError counts_differ, duplicates, shrink,
// conflict. Source:  ADR 0032.
#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "imednet/retry.h"
#include "sinks/sql/part_views.h"
#include "sinks/sql/sql_session.h"
#include "sinks/study_load.h"

namespace imednet::sinks::sql {

struct LoaderSettings {
  integrations::WriteMode mode = integrations::WriteMode::automatic;
  bool idempotent = true, allow_duplicates = false, allow_shrink = false, create_table = true;
  RetryPolicy retry{};
  std::stop_token stop{};
  std::filesystem::path folder{};  // for what a database would keep in memory otherwise; empty: where it likes
};

struct LoaderHooks {
  std::function<void(std::string_view step, std::int64_t done, std::int64_t all)> on_step{};
  std::function<void(const std::string&)> on_warning{};
  std::function<void(SqlSession&)> on_look{};     // judges more than tables
  std::function<bool(SqlSession&)> on_written{};  // in the transaction, when all rows are written; true: it changed something
};

// What _file and the ledger say of a file.
inline std::string path_of(const staging::StagedFile& file) { return file.content_hash + "/" + file.file_name; }

// What goes into one table: the files of a layout.
struct TableWork {
  TableName table;
  const table::Layout* layout = nullptr;
  StudyRead read;
};

// The same of each, one behind the other.
using LoadResults = std::vector<LoadResult>;

// What the tables of records come to together; the method is the strongest of theirs: append, replace, merge, copy. Of further parts
// only what became of their files.
LoadResult together(const std::vector<TableWork>& works, const LoadResults& results);

// What load_study would do.
struct StudyPreview {
  std::vector<std::string> makes_tables, adds_columns;  // names; <table>.<column>
  bool makes_ledger = false;
  std::int64_t files_in = 0, files_pending = 0, rows_in = 0;  // rows_in: records of files that are in
  LoadResult all{};                                           // of the tables of records, together
  std::exception_ptr refusal{};                               // the ExportError that a run would end with before it writes; null: none
};

class SqlLoader {
 public:
  // `table`: the one that was named; the ledger goes by it. All of these outlive it, but for `hooks`.
  SqlLoader(const SqlPlace& place, TableName table, const LoaderSettings& settings, std::string run_id, core::Clock& clock,
            LoaderHooks hooks, db::Connect connect = &db::connect);

  // Opens the database, judges these tables, those that are there, and the ledger, and leaves again. Writes nothing. `targets` sees what
  // stands there; called again when the database was lost meanwhile.
  using Target = std::pair<TableName, const table::Layout*>;
  using Targets = std::function<std::vector<Target>(const Catalog& there)>;
  void look(const std::string& study, const Targets& targets);
  // All of it in one transaction. `splits`: forms of more than one table, which get views. `judge` sees what it would leave: the results,
  // and the study's live rows by form. What it throws undoes everything.
  using Judge = std::function<void(const LoadResults& results, const FormRows& after)>;
  LoadResults load_study(const std::string& study, const std::vector<TableWork>& works, const std::vector<SplitForm>& splits,
                         const ConfirmGone& confirm_gone, const Judge& judge);

  // One file as it is, whatever stands there, in one transaction; one that is in is not loaded again (write_batch). Nobody's reading can
  // grow old meanwhile: runs in between are no conflict.
  FileOutcome load_batch(const std::string& study, const staging::StagedFile& file);

  // load_study found out without a write, as one moment shows the tables. The place has to be one for reading. Vanished records are
  // not asked for.
  StudyPreview preview(const std::vector<TableWork>& works);

  const TableName& table() const noexcept { return statements_.target(); }
  const std::string& run_id() const noexcept { return run_id_; }
  std::int64_t retries() const noexcept { return retries_; }

 private:
  struct Order;  // what load_study was asked for
  void require_may_create(const TableName& table) const;
  bool require_columns(SqlSession& session, const Statements& statements, std::vector<const table::Column*>& missing);
  void require_still_last(SqlSession& session, const std::string& study);
  bool is_committed(SqlSession& session);
  bool make_table(SqlSession& session, const Statements& statements, bool& has_changed);
  void bound_memory(SqlSession& session, const Order& order) const;
  LoadResults load(const Order& order);
  LoadResults load_once(const Order& order);
  LoadResults transact(SqlSession& session, const Order& order);
  void require_no_shrink_of(const std::vector<TableWork>& works, const std::vector<PlannedLoad>& loads) const;
  struct Seen;  // one table of a preview
  StudyPreview preview_once(const std::vector<TableWork>& works, SqlSession* session);
  void see(Seen& seen, const TableWork& work, SqlSession* session, bool has_ledger, StudyPreview& preview);
  static LoadResult preview_table(Seen& seen, const TableWork& work);
  void note_run(SqlSession& session, const Order& order, const LoadResults& results, const FormRows& after);
  void roll_back(SqlSession& session) noexcept;

  const SqlPlace& place_;
  Statements statements_;  // of the table that was named
  const LoaderSettings& settings_;
  std::string run_id_;
  core::Clock& clock_;
  LoaderHooks hooks_;
  db::Connect connect_;
  std::string started_at_;
  std::int64_t run_before_ = 0, retries_ = 0;
  Widths widths_;
  std::optional<LoadResults> unanswered_;  // what a COMMIT without an answer would have left
};

}  // namespace imednet::sinks::sql
