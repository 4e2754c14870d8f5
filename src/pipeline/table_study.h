// table_study.h: a study read and staged for tables of a database that are only looked at; nothing of it is kept.
//
// Where it stands: study reading, StudyTables → this → a proof of what stands there, a plan of what an export would do.
// Errors:  as read_study, StudyTables, place and table name.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/temporary_directory.h"
#include "imednet/integrations/sql.h"
#include "pipeline/run_steps.h"
#include "pipeline/study_tables.h"

namespace imednet::pipeline {

class TableStudy {
 public:
  // `load` outlives it.
  TableStudy(const ImednetSDK& sdk, std::string_view study, sinks::sql::SqlPlace place, const std::string& table,
             const integrations::TableLoad& load);

  // Asks for the metadata, does `look`, so that a wrong password costs no page, and reads the study.
  void read(const std::function<void()>& look);
  // After it.
  std::vector<sinks::sql::TableWork> works() const { return tables_->works(staged_); }
  FormRows rows() const { return tables_->rows(staged_); }

  const std::string& study() const noexcept { return study_; }
  const sinks::sql::SqlPlace& place() const noexcept { return place_; }  // for reading
  const sinks::sql::TableName& table() const noexcept { return table_; }
  StudyTables& tables() { return tables_.value(); }
  const StagedStudy& staged() const noexcept { return staged_; }
  RunSteps& steps() noexcept { return steps_; }

 private:
  const ImednetSDK& sdk_;
  std::string study_;
  sinks::sql::SqlPlace place_;
  sinks::sql::TableName table_;
  const integrations::TableLoad& load_;
  core::TemporaryDirectory temporary_;
  RunSteps steps_;
  std::optional<StudyTables> tables_;
  StagedStudy staged_;
};

}  // namespace imednet::pipeline
