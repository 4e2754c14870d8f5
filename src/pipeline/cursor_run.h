// cursor_run.h: what a run of a study makes of the cursor that the last verified one left, and leaves itself.
//
// Where it stands: between an export and its lease. Before the lease: reads the API and tells whether the last result still stands.
// Promise: unchanged() sends no statement that needs a warehouse, and says yes only when the table is as the last verified run left
//          it and the API's records are those of that run. A reading from before the lease is used under it only when no other run
//          has verified, or begun to change, the study's rows meanwhile.
// Errors:  as read_study and CursorTable.
// Source:  ADR 0023.
#pragma once

#include <optional>
#include <string>

#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"
#include "pipeline/since.h"
#include "pipeline/study_reading.h"
#include "sinks/snowflake/export_run.h"
#include "sinks/snowflake/study_cursor.h"

namespace imednet::pipeline {

class CursorRun {
 public:
  CursorRun(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, std::string study);

  // Reads the study into `staged` when the last verified result may still stand; that result when it does.
  std::optional<sinks::snowflake::StudyCursor> unchanged(StagedStudy& staged);
  // Under the lease: how to read the study now.
  ReadingOrder order();
  // Under the lease, after order(): the target is not there.
  bool is_first_load() const { return table_ && seen_.table.created.empty(); }
  // What changed was not enough to bring the table up to date: read all. `why`: for people.
  ReadingOrder order_all(const std::string& why);
  // Warns when all was read although `since` is set.
  void tell(const StagedStudy& staged);
  // After the last change, before the counts that prove it: whoever changes the target later is then found out.
  void look_at_target();
  // After the run was verified.
  void keep(const StagedStudy& staged, const integrations::ExportReport& report);

  // Readings after the first.
  int rereads() const noexcept { return rereads_; }
  void count_rereads(int more) noexcept { rereads_ += more; }

 private:
  void look();
  bool may_stand() const;
  bool stands(const StagedStudy& staged);
  void count_quiet_run(const StagedStudy& staged);
  bool keeps_cursor(const integrations::ExportReport& report) const;
  sinks::snowflake::StudyCursor next_cursor(const StagedStudy& staged, const integrations::ExportReport& report) const;

  sinks::snowflake::ExportRun& run_;
  const ImednetSDK& sdk_;
  std::string study_;
  std::optional<sinks::snowflake::CursorTable> table_;  // none without a ledger
  sinks::snowflake::CursorTable::Seen seen_;
  sinks::snowflake::TableFacts target_;
  SinceChoice choice_;
  bool is_read_ = false, must_read_all_ = false;
  int rereads_ = 0;
};

}  // namespace imednet::pipeline
