// study_destination.h: a place that a whole study goes to, as an export sees it: what every place has to do, and what only some need.
//
// Where it stands: export_to (export_to.h) → this → Snowflake, DuckDB, SQLite, PostgreSQL, a folder. One object for one export.
// Order:   open; still_stands, and when it says yes nothing more than close; else begin, order and host, load once a reading, finish,
// close.
//          From begin on, what fails is told to failed.
// Errors:  each as the public function of that place says.
#pragma once

#include <string>
#include <vector>

#include "imednet/integrations/warehouse.h"
#include "ledger/run_totals.h"
#include "pipeline/reconciliation.h"
#include "pipeline/study_reading.h"

namespace imednet::pipeline {

// How far an export came.
struct ExportSoFar {
  integrations::ExportReport report;
  Counted counted = Counted::nothing;
  StagedStudy staged;
  std::vector<ledger::StudyPlan> typed{};  // what stands in each typed table, for the run's totals
};

class StudyDestination {
 public:
  StudyDestination() = default;
  StudyDestination(const StudyDestination&) = delete;
  StudyDestination& operator=(const StudyDestination&) = delete;
  virtual ~StudyDestination() = default;

  // Names itself in the report, then connects and judges what stands there. Nothing is written: a wrong password costs no page.
  virtual void open(integrations::ExportReport& report) = 0;
  // Whether what an earlier run left is what the API holds; it may have read the study to know that, and has then taken all counts.
  virtual bool still_stands(ExportSoFar&) { return false; }
  // From here on no other run may load the study, or the one that comes second ends with conflict.
  virtual void begin(const integrations::ExportReport&) {}

  // How the study is to be read, and where its files go.
  virtual ReadingOrder order() { return {}; }
  virtual ReadingHost host() = 0;
  // Brings what was staged to the place. Again after an ApiError counts_differ, which says that the study changed meanwhile.
  virtual void load(ExportSoFar& so_far) = 0;
  // How to read when what changed was not enough (sinks::StudyNotWhole).
  virtual ReadingOrder order_all(const std::string&) { return {}; }
  // After the last reading: what is left until all counts are taken and agree.
  virtual void finish(ExportSoFar& so_far) = 0;

  virtual void failed(const ImednetError&) noexcept {}
  virtual void close() {}
  // Its warnings, the times of its steps and what it tried again, however the export ends.
  virtual void take_costs(integrations::ExportReport& report) = 0;
};

}  // namespace imednet::pipeline
