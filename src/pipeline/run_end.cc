#include "pipeline/run_end.h"

#include "ledger/run_totals.h"

namespace imednet::pipeline {

void write_run_end(const std::filesystem::path& manifest, const integrations::ExportReport& report) {
  ledger::RunEnd end{.report = integrations::to_json(report, 0),
                     .study = report.study,
                     .table = report.table,
                     .layer = {report.run_id, report.since, report.rows_twice, {}},
                     .is_unchanged = !report.unchanged_since_run.empty()};
  for (const integrations::BatchReport& batch : report.batch_reports) {
    end.layer.files.push_back({batch.batch_id, batch.stage_path, batch.content_hash, batch.sha256, batch.rows, batch.bytes,
                               batch.first_record_id, batch.last_record_id, batch.part});
  }
  ledger::write_run_totals(manifest, end);
}

}  // namespace imednet::pipeline
