// loader.h: decides what has to be loaded, loads it, and counts what came of it.
//
// Where it stands: staged files → this → table, ledger.
// Order:   ledger, the table's own _FILE column and load history, LIST, PUT, LIST, COPY, counts, ledger (ADR 0005, 0006).
// Promise: a file's rows are in the table once; COPY's answer, the table's counts per column and the footers agree, else
//          counts_differ. A statement whose answer was lost is asked for before it is sent again (ADR 0007).
// Errors:  ExportBatchError with the batch, ExportError duplicates (nothing was written), ExportConfigurationError.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "sinks/snowflake/load_ledger.h"
#include "sinks/snowflake/session.h"
#include "sinks/snowflake/stage_transfer.h"
#include "sinks/snowflake/target.h"

namespace imednet::sinks::snowflake {

enum class FileStatus { loaded, skipped, adopted };
std::string_view status_name(FileStatus status);

struct FileOutcome {
  const staging::StagedFile* file = nullptr;
  FileStatus status = FileStatus::loaded;
  std::int64_t rows_loaded = 0;
};

// Cut to what one COPY takes: Snowflake allows 1,000 names in FILES.
std::vector<Files> in_groups(const Files& files);

struct LoaderHooks {
  std::function<void(const FileOutcome&)> on_outcome;                                       // loaded and counted; in file order
  std::function<void(std::string_view step, std::int64_t done, std::int64_t all)> on_step;  // progress
  std::function<void(const std::string&)> on_warning;
};

class Loader {
 public:
  // Signs in and checks what must be there; writes nothing. Throws ExportConfigurationError.
  Loader(const integrations::SnowflakeSinkConfig& config, std::string run_id, std::filesystem::path temporary, core::Clock& clock,
         LoaderHooks hooks);

  // A whole study's files, as config.mode says. Returns an outcome for every file, in order.
  std::vector<FileOutcome> load_study(const std::string& study, const std::vector<staging::StagedFile>& files);
  // One file, literally (write_batch).
  FileOutcome load_batch(const std::string& study, const staging::StagedFile& file);

  std::int64_t rows_of(const std::string& study);
  std::string table_text() const { return table_.text(); }
  std::string stage_path(const staging::StagedFile& file) const;        // as a person writes it: @MY_STAGE/imednet/…
  std::string remove_statement(const staging::StagedFile& file) const;  // REMOVE @MY_STAGE/imednet/…
  void close() { session_.close(); }

 private:
  struct Plan {
    std::set<const staging::StagedFile*> adopted;  // of `in`: found in the table, unknown to the ledger until now
    Files in, pending;                             // what the ledger knows, and the rest
    LoadedFiles known;                             // the ledger's view of the study
    std::int64_t rows_in = 0;                      // rows of `in`
    bool others_in = false;                        // the ledger knows files of the study that are not in this plan
    std::int64_t rows_there = 0;                   // the study's rows in the table
  };
  struct Facts {
    std::int64_t rows = 0;
    std::vector<std::int64_t> non_null;
  };

  void prepare();
  Plan make_plan(const std::string& study, const Files& files);
  void adopt(const std::string& study, Plan& plan);
  void warn_of_history(const Plan& plan);
  void load_pending(const std::string& study, const Files& pending, const LoadedFiles& known, bool force);
  void load_through_temporary(const std::string& study, const Files& files, const LoadedFiles& known, bool replaces_study);
  void commit_temporary(const std::string& study, const ObjectName& temporary, const Files& files, bool replaces_study);
  void roll_back();
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
  void attempt(std::string_view step, const std::function<void()>& action);
  std::vector<std::string> paths(const Files& files) const;
  [[noreturn]] void throw_temporary_lost(const staging::StagedFile& file, const ImednetError& error) const;
  [[noreturn]] void throw_for(const staging::StagedFile& file, const std::string& message, errors::ErrorDetail detail) const;

  const integrations::SnowflakeSinkConfig& config_;
  std::string run_id_;
  core::Clock& clock_;
  LoaderHooks hooks_;
  Identifier database_, schema_;
  ObjectName table_;
  Session session_;
  StageTransfer transfer_;
  LoadLedger ledger_;
  TargetState target_;
  std::map<std::string, std::string, std::less<>> copy_tags_;  // batch id -> tag of the COPY that loaded it
  std::map<std::string, Facts, std::less<>> earlier_;          // FORCE: what this run loaded from the files at hand before
  bool is_prepared_ = false;
};

}  // namespace imednet::sinks::snowflake
