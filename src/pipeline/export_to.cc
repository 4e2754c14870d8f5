#include "pipeline/export_to.h"

#include <chrono>
#include <utility>

#include "api/client.h"
#include "pipeline/report_counts.h"
#include "pipeline/report_page.h"
#include "pipeline/run_end.h"
#include "pipeline/write_mode.h"

namespace imednet::pipeline {
namespace {

using integrations::ExportReport;

// Of an export that fails before its counts are taken.
void take_counts_so_far(ExportSoFar& so_far) {
  ExportReport& report = so_far.report;
  if (so_far.counted > Counted::staged || so_far.staged.proof.requests == 0) return;
  take_reading(report, so_far.staged);
  const bool is_whole = report.rows_staged == report.rows_read && report.rows_read == report.rows_expected;
  so_far.counted = is_whole ? Counted::staged : Counted::reading;
}

void read_and_load(StudyDestination& place, const ImednetSDK& sdk, ExportSoFar& so_far) {
  const std::string& study = so_far.report.study;
  const auto load = [&] {
    take_reading(so_far.report, so_far.staged);
    so_far.counted = Counted::staged;
    so_far.report.warnings.clear();
    require_reconciled(reconcile(so_far.report, so_far.counted));
    place.load(so_far);
  };
  const ReadingOrder order = place.order();
  const ReadingHost host = place.host();
  try {
    so_far.report.rereads += read_study(host, sdk, study, so_far.staged, load, order);
  } catch (const sinks::StudyNotWhole& error) {
    so_far.report.rereads += 1 + read_study(host, sdk, study, so_far.staged, load, place.order_all(error.what()));
  }
}

void bring(StudyDestination& place, const ImednetSDK& sdk, ExportSoFar& so_far) {
  try {
    if (place.still_stands(so_far)) return;
  } catch (const ImednetError&) {
    take_counts_so_far(so_far);
    throw;
  }
  place.begin(so_far.report);
  try {
    read_and_load(place, sdk, so_far);
    place.finish(so_far);
  } catch (const ImednetError& error) {
    take_counts_so_far(so_far);
    place.failed(error);
    throw;
  }
}

}  // namespace

ExportReport export_to(StudyDestination& place, const ImednetSDK& sdk, std::string_view study_key, const ExportTraces& traces,
                       core::Clock& clock) {
  const auto started = clock.now();
  ExportSoFar so_far;
  ExportReport& report = so_far.report;
  report.study = required_study(study_key);
  report.started_at = core::format_utc(clock.utc_now());
  const ReportPage page(traces.page, traces.manifest);
  const std::int64_t retries_before = sdk.client()->retries();
  const auto take_end = [&] {
    report.retries = sdk.client()->retries() - retries_before;
    place.take_costs(report);
    report.finished_at = core::format_utc(clock.utc_now());
    report.seconds = std::chrono::duration<double>(clock.now() - started).count();
  };
  try {
    place.open(report);
    bring(place, sdk, so_far);
    place.close();
    take_end();
  } catch (const ImednetError& error) {
    take_end();
    page.write_failed(report, so_far.counted, error);
    throw;
  }
  if (traces.manifest) write_run_end(*traces.manifest, report, std::move(so_far.typed));
  page.write(report, so_far.counted);
  return report;
}

}  // namespace imednet::pipeline
