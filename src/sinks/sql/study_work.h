// study_work.h: the steps of one transaction that brings a study's files into a table (sql_loader.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sinks/sql/sql_loader.h"

namespace imednet::sinks::sql {

// Throws duplicates, counts_differ; whether the study shrank is the caller's to judge, who sees all its tables.
LoadMethod method_of(const LoadPlan& plan, const Statements& statements, const LoaderSettings& settings, const StudyRead& read,
                     const Dialect& dialect);

class StudyWork {
 public:
  // All of these outlive it. `when`: of this transaction, for _loaded_at.
  StudyWork(SqlSession& session, const Statements& statements, const SqlPlace& place, const LoaderSettings& settings,
            const LoaderHooks& hooks, const std::string& run_id, const StudyRead& read, std::string when);

  // `is_new`: the table was made just now, so whatever the ledger knows was of another one.
  LoadPlan plan(bool is_new);
  LoadMethod method(const LoadPlan& plan) const { return method_of(plan, statements_, settings_, read_, *place_.dialect); }
  // Of one file that is loaded as it is: append, or nothing when it is in. Rows of it that the ledger does not know, since a merge or
  // somebody's hand made it forget them, are proved and noted.
  LoadMethod literal_method(LoadPlan& plan);
  // Everything but the number of the run; returns what was counted.
  LoadResult apply(const LoadPlan& plan, LoadMethod method, const ConfirmGone& confirm_gone);
  FormRows forms();

  // Without a write: what the ledger, where there is one, and the table say; what apply() would then count.
  LoadPlan look(bool has_ledger);
  LoadResult preview(const LoadPlan& plan, LoadMethod method);

 private:
  // One file and what is around it.
  struct Step {
    const staging::StagedFile* file = nullptr;
    std::int64_t number = 0, files = 0;
    IdSpan around{};  // ids that no file but this one stands for
    IdSpan own() const { return {file->first_record_id, file->last_record_id}; }
  };

  LoadedFiles known_files();
  void adopt(LoadPlan& plan);
  void preview_file(const Step& step, LoadResult& result);
  StudyState state();
  void begin_files();
  void load_file(const Step& step, LoadMethod method, LoadResult& result);
  void hand_over(const staging::StagedFile& file);
  void write(const Step& step, LoadMethod method, LoadResult& result);
  void prove(const Step& step, std::string_view run_id, std::string_view file);
  // `any`: whatever the file at hand has.
  void find_vanished(const IdSpan& ids, bool any);
  void find_vanished_at_the_ends(const LoadPlan& plan);
  void mark_vanished(const ConfirmGone& confirm_gone, LoadResult& result);
  void require_mirror(const LoadPlan& plan, const LoadResult& result);
  void remember(const staging::StagedFile& file);
  void remember(const LoadPlan& plan, LoadMethod method, const std::vector<Step>& files);
  std::vector<FileOutcome> outcomes(const LoadPlan& plan, const std::vector<Step>& files, LoadMethod method) const;
  std::vector<Step> steps(const LoadPlan& plan, LoadMethod method) const;
  [[noreturn]] void fail(errors::ErrorCode code, const std::string& message, std::string hint = {}) const;

  SqlSession& session_;
  const Statements& statements_;
  const SqlPlace& place_;
  const LoaderSettings& settings_;
  const LoaderHooks& hooks_;
  const std::string& run_id_;
  const StudyRead& read_;
  std::string when_;
  std::vector<std::int64_t> gone_;
  std::int64_t escaped_ = 0;
};

}  // namespace imednet::sinks::sql
