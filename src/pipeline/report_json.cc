// report_json.cc: the report as the JSON that `--output json` prints and <manifest>.run.json keeps (docs/export-snowflake.md).
#include <nlohmann/json.hpp>

#include "imednet/integrations/warehouse.h"

namespace imednet::integrations {

std::string to_json(const ExportReport& report, int exit_code) {
  using nlohmann::ordered_json;
  ordered_json batches = ordered_json::array();
  for (const BatchReport& batch : report.batch_reports) {
    batches.push_back({{"batch_id", batch.batch_id},
                       {"stage_path", batch.stage_path},
                       {"status", batch.status},
                       {"rows", batch.rows},
                       {"rows_loaded", batch.rows_loaded},
                       {"bytes", batch.bytes},
                       {"hash", batch.content_hash},
                       {"sha256", batch.sha256},
                       {"first_record_id", batch.first_record_id},
                       {"last_record_id", batch.last_record_id}});
  }
  const ordered_json json = {{"study", report.study},
                             {"run_id", report.run_id},
                             {"mode", report.mode},
                             {"table", report.table},
                             {"started_at", report.started_at},
                             {"finished_at", report.finished_at},
                             {"rows_expected", report.rows_expected},
                             {"rows_read", report.rows_read},
                             {"rows_staged", report.rows_staged},
                             {"rows_loaded", report.rows_loaded},
                             {"rows_skipped", report.rows_skipped},
                             {"rows_in_target", report.rows_in_target},
                             {"reconciled", report.reconciled},
                             {"files", report.files},
                             {"batches", report.batches},
                             {"bytes_read", report.bytes_read},
                             {"bytes_staged", report.bytes_staged},
                             {"pages", report.pages},
                             {"requests", report.requests},
                             {"rereads", report.rereads},
                             {"paging", report.paging},
                             {"unreadable_stamps", report.unreadable_stamps},
                             {"raw_records", report.raw_records},
                             {"seconds", report.seconds},
                             {"warnings", report.warnings},
                             {"cleanup", report.cleanup},
                             {"batch_reports", batches},
                             {"exit", exit_code}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace imednet::integrations
