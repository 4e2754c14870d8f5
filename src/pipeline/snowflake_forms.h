// snowflake_forms.h: a study's typed tables in Snowflake: which there are, what goes into them, and what stands there afterwards.
//
// Where it stands: FormStudy, one Loader a table → this → export_snowflake.cc.
// Order:   what each table needs is known, and judged for all of them together, before the first of them is changed. Then one after the
//          other, forms first: each is changed in statements of its own, so that a run which ends between two leaves whole tables, and the
//          next one goes on.
// Errors:  as FormStudy and Loader; ExportConfigurationError (config) for two forms with one table.
// Source:  ADR 0033.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/form_study.h"
#include "pipeline/typed_table.h"
#include "sinks/snowflake/export_run.h"

namespace imednet::pipeline {

class SnowflakeForms {
 public:
  // Asks the API what forms and variables there are. All of these outlive it.
  SnowflakeForms(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, std::string study);

  // Tables that are there have to be of this layout; those that are not may have to be made. Forms that left the metadata, and whose tables
  // the ledger knows files in, are forms of the study. Writes nothing.
  void look();
  // The study's records as they were staged, into typed files and into their tables. `report` gets what was staged.
  // The result is of the tables of records together.
  sinks::LoadResult load(const StagedStudy& staged, integrations::ExportReport& report);
  // What load() would do with the tables of records together; a column that a table gets is named with its table.
  sinks::snowflake::LoadPreview preview(const StagedStudy& staged);
  // Of the last load or preview: rows by form, as they were read and as they stand in the tables now.
  FormRows rows_read() const { return forms_.rows(); }
  FormRows rows_there();
  // Of the last load: what stands in each table, for the run's totals.
  std::vector<ledger::StudyPlan> plans() const;

 private:
  struct Table {
    std::string series;  // what its batches' ids have between study and number
    std::unique_ptr<sinks::snowflake::TableShape> shape;
    std::unique_ptr<sinks::snowflake::Loader> loader;
    sinks::StudyRead read;
    std::int64_t twice = 0;  // rows of its files that were left out
  };

  sinks::snowflake::ObjectName table_of(const std::string& suffix) const { return typed_table(run_.table(), suffix); }
  void find_left();
  void stage(const StagedStudy& staged);
  void add_table(std::string series, const table::Layout& layout, FormRows rows, const std::vector<staging::StagedFile>& files);
  void note_files();

  sinks::snowflake::ExportRun& run_;
  const ImednetSDK& sdk_;
  std::string study_;
  FormStudy forms_;
  std::deque<Table> tables_;
};

}  // namespace imednet::pipeline
