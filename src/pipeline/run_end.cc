#include "pipeline/run_end.h"

#include <utility>

namespace imednet::pipeline {
namespace {

ledger::StudyPlan plan_of_records(const integrations::ExportReport& report) {
  ledger::StudyPlan plan{report.study, report.table, {{report.run_id, report.since, report.rows_twice, {}}}};
  for (const integrations::BatchReport& batch : report.batch_reports) {
    plan.layers.front().files.push_back({batch.batch_id, batch.stage_path, batch.content_hash, batch.sha256, batch.rows, batch.bytes,
                                         batch.first_record_id, batch.last_record_id, batch.part});
  }
  return plan;
}

}  // namespace

void write_run_end(const std::filesystem::path& manifest, const integrations::ExportReport& report, std::vector<ledger::StudyPlan> typed) {
  ledger::RunEnd end{
      .report = integrations::to_json(report, 0), .plans = std::move(typed), .is_unchanged = !report.unchanged_since_run.empty()};
  if (end.plans.empty()) end.plans.push_back(plan_of_records(report));
  ledger::write_run_totals(manifest, end);
}

}  // namespace imednet::pipeline
