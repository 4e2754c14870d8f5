// study_tables.h: which tables of a database a study goes to by the layout that was chosen, and the files of each.
//
// Rule:   layout records: the table that was named. Layout forms: those of form_tables.h.
// Errors: as FormStudy and FormTables.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "imednet/integrations/sql.h"
#include "pipeline/form_study.h"
#include "pipeline/form_tables.h"
#include "sinks/sql/sql_loader.h"

namespace imednet::pipeline {

sinks::sql::LoaderSettings loader_settings(const integrations::TableLoad& load);

class StudyTables {
 public:
  StudyTables(const StudyTables&) = delete;
  StudyTables& operator=(const StudyTables&) = delete;
  // Layout forms: asks the API for the metadata. `dialect` and `sdk` outlive it.
  StudyTables(const ImednetSDK& sdk, std::string study, sinks::sql::TableName table, const sinks::sql::Dialect& dialect,
              const integrations::LayoutChoice& choice);

  // The tables that are known before the study is read.
  std::vector<sinks::sql::SqlLoader::Target> targets(const sinks::sql::Catalog& there);
  // Layout forms: makes the typed files in `folder` out of the study's, which are removed.
  void stage(const StagedStudy& staged, std::int64_t batch_size, const std::filesystem::path& waiting, const std::filesystem::path& folder,
             const std::stop_token& stop);
  // Forms first, then what they refer to. `staged` outlives the works.
  std::vector<sinks::sql::TableWork> works(const StagedStudy& staged) const;
  // Forms of more than one table, which get views.
  std::vector<sinks::sql::SplitForm> splits() const;
  // Records of the files, by form.
  FormRows rows(const StagedStudy& staged) const;

  // Null: layout records.
  const FormStudy* forms() const noexcept { return forms_ ? &*forms_ : nullptr; }

 private:
  std::string study_;
  sinks::sql::TableName table_;
  const sinks::sql::Dialect& dialect_;
  std::optional<FormStudy> forms_;
  std::optional<FormTables> form_tables_;  // of forms_
};

}  // namespace imednet::pipeline
