// export_parquet.cc: a whole study, from the API's pages to a folder of files.
#include <chrono>
#include <string>

#include "core/clock.h"
#include "imednet/integrations/parquet.h"
#include "pipeline/reconciliation.h"
#include "pipeline/report_counts.h"
#include "pipeline/run_steps.h"
#include "pipeline/study_reading.h"
#include "pipeline/write_mode.h"
#include "sinks/parquet/parquet_folder.h"

namespace imednet::integrations {
ExportReport export_to_parquet(const ImednetSDK& sdk, std::string_view study_key, const ParquetConfig& config) {
  core::Clock& clock = core::system_clock();
  const auto started = clock.now();
  ExportReport report;
  report.study = pipeline::required_study(study_key);
  report.started_at = core::format_utc(clock.utc_now());
  report.destination = "parquet";
  report.mode = "replace";
  report.method = "files";
  const std::int64_t retries_before = sdk.client()->retries();
  sinks::parquet::ParquetFolder folder(config.directory);
  report.table = folder.target().string();
  pipeline::RunSteps steps(config.on_progress, clock);
  pipeline::StagedStudy staged;
  const pipeline::ReadingHost host{.directory = folder.staging(),
                                   .batch_size = static_cast<std::int64_t>(config.batch_size),
                                   .connections = config.connections,
                                   .stop = config.stop,
                                   .on_progress = [&](std::string_view step, const api::ReadProof& so_far) { steps.enter(step, so_far); },
                                   .beat = [] {}};
  report.rereads = pipeline::read_study(host, sdk, report.study, staged, [] {});
  pipeline::take_reading(report, staged);
  pipeline::require_reconciled(pipeline::reconcile(report, pipeline::Counted::staged));
  report.reconciled = true;
  steps.enter("publishing", staged.proof);
  folder.publish(report.study, staged.files);
  report.rows_loaded = report.rows_staged;
  steps.take(report);
  report.retries = sdk.client()->retries() - retries_before;
  report.finished_at = core::format_utc(clock.utc_now());
  report.seconds = std::chrono::duration<double>(clock.now() - started).count();
  return report;
}

}  // namespace imednet::integrations
