// export_snowflake.cc: a whole study, from the API's pages to the counted table.
//
// Where it stands: study reading → Loader, one after the other.
#include <fmt/format.h>

#include <chrono>
#include <span>

#include "api/client.h"
#include "imednet/integrations/warehouse.h"
#include "pipeline/cursor_run.h"
#include "pipeline/form_reports.h"
#include "pipeline/reconciliation.h"
#include "pipeline/report_counts.h"
#include "pipeline/report_page.h"
#include "pipeline/run_end.h"
#include "pipeline/snowflake_forms.h"
#include "pipeline/study_export.h"
#include "pipeline/study_reading.h"
#include "pipeline/vanished.h"
#include "pipeline/write_mode.h"
#include "sinks/snowflake/export_run.h"

namespace imednet::integrations {
namespace {

using errors::ErrorCode;
using pipeline::Counted;
using pipeline::StagedStudy;
using sinks::FileOutcome;
using sinks::FileStatus;
using sinks::FormRows;
using sinks::LoadResult;
using sinks::snowflake::ExportRun;
using sinks::snowflake::RunScope;

constexpr int kRemovesShown = 20;  // more REMOVE lines than that help nobody

// What a run has counted so far; a run that fails is told of as far as it came.
struct Counts {
  ExportReport report;
  Counted counted = Counted::nothing;
};

void take_counts(Counts& counts, const StagedStudy& staged, Counted counted) {
  pipeline::take_reading(counts.report, staged);
  counts.counted = counted;
}

// Into a table that is not there yet every file has to go, so none waits for the last one to be read.
void send_ahead(pipeline::ReadingHost& host, sinks::snowflake::StageTransfer& stage) {
  host.on_file = [&stage](const staging::StagedFile& file) { stage.send_ahead(file); };
  host.on_dropped = [&stage] { stage.forget_ahead(); };
}

LoadResult read_and_load(ExportRun& run, const ImednetSDK& sdk, StagedStudy& staged, pipeline::CursorRun& cursor, Counts& counts) {
  const std::string& study = counts.report.study;
  LoadResult result;
  const auto load = [&] {
    take_counts(counts, staged, Counted::staged);
    run.study().staged(staged.files);
    const sinks::StudyRead read = staged.read_of(study);
    result = staged.since.empty()
                 ? run.loader().load_study(read, [&](std::span<const std::int64_t> ids) { pipeline::require_gone(sdk, study, ids); })
                 : run.loader().load_changes(read, staged.records_in_api);
  };
  const pipeline::ReadingOrder order = cursor.order();
  pipeline::ReadingHost host = pipeline::host_of(run);
  if (cursor.is_first_load()) send_ahead(host, run.loader().stage());
  try {
    cursor.count_rereads(pipeline::read_study(host, sdk, study, staged, load, order));
  } catch (const sinks::snowflake::StudyNotWhole& error) {
    cursor.count_rereads(1 + pipeline::read_study(host, sdk, study, staged, load, cursor.order_all(error.what())));
  }
  cursor.tell(staged);
  counts.report.rereads = cursor.rereads();
  return result;
}

// How far a run came that fails before its counts are taken.
void take_counts_so_far(Counts& counts, const StagedStudy& staged) {
  if (counts.counted > Counted::staged || staged.proof.requests == 0) return;
  take_counts(counts, staged, Counted::reading);
  const ExportReport& report = counts.report;
  if (report.rows_staged == report.rows_read && report.rows_read == report.rows_expected) counts.counted = Counted::staged;
}

void describe(ExportRun& run, ExportReport& report, const LoadResult& result) {
  pipeline::take_result(report, result, [&](const staging::StagedFile& file) { return run.loader().stage_path(file); });
  for (const FileOutcome& outcome : result.outcomes) {
    const bool is_in = outcome.status == FileStatus::skipped || outcome.status == FileStatus::adopted;
    if (!is_in && result.outcomes.size() <= kRemovesShown) report.cleanup.push_back(run.loader().remove_statement(*outcome.file));
  }
}

// What stands in the table was counted by the run that left the cursor, and by nobody since.
void describe_unchanged(ExportRun& run, Counts& counts, const StagedStudy& staged, const sinks::snowflake::StudyCursor& cursor) {
  ExportReport& report = counts.report;
  LoadResult result;
  for (const staging::StagedFile& file : staged.files) result.outcomes.push_back({&file, FileStatus::skipped, 0});
  take_counts(counts, staged, Counted::staged);
  describe(run, report, result);
  report.unchanged_since_run = cursor.run_id;
  report.rows_in_target = cursor.live_rows;
  if (staged.since.empty()) report.forms = pipeline::form_reports(staged.forms, staged.forms, staged.forms);
  counts.counted = Counted::everything;
  pipeline::require_reconciled(pipeline::reconcile(report));
  report.reconciled = true;
}

void verify(ExportRun& run, Counts& counts, const FormRows& read, const FormRows& before, const FormRows& after) {
  run.report_step("verifying", 0, 0);
  ExportReport& report = counts.report;
  report.rows_in_target = 0;
  for (const auto& [form, rows] : after) report.rows_in_target += rows;
  report.forms = pipeline::form_reports(read, before, after);
  counts.counted = Counted::everything;
  pipeline::require_reconciled(pipeline::reconcile(report));
  report.reconciled = true;
}

void finish(ExportRun& run, const ExportReport& report) {
  run.report_step("finishing", 0, 0);
  run.study().verified(report.rows_read, report.rows_loaded, report.rows_in_target);
}

// Typed tables: all records are read, and every table says itself what of it is there already.
void run_forms(ExportRun& run, const ImednetSDK& sdk, Counts& counts) {
  ExportReport& report = counts.report;
  pipeline::SnowflakeForms forms(run, sdk, report.study);
  forms.look();
  run.begin_study(report.study, report.mode);
  StagedStudy staged;
  try {
    LoadResult result;
    const auto load = [&] {
      take_counts(counts, staged, Counted::staged);
      pipeline::require_reconciled(pipeline::reconcile(report, counts.counted));
      result = forms.load(staged, report);
    };
    pipeline::ReadingHost host = pipeline::host_of(run);
    host.directory = run.temporary() / "records";
    report.rereads = pipeline::read_study(host, sdk, report.study, staged, load);
    describe(run, report, result);
    counts.counted = Counted::loaded;
    verify(run, counts, forms.rows_read(), result.before, forms.rows_there());
    finish(run, report);
    run.end_study();
  } catch (const ImednetError& error) {
    take_counts_so_far(counts, staged);
    run.fail_study(error);
    throw;
  }
}

// The lease is taken before anything is read, so that no older reading lands on a newer one; but where the last result may still
// stand, the study is read first: when it does, nothing in Snowflake has to wake up.
void run_study(ExportRun& run, const ImednetSDK& sdk, Counts& counts) {
  ExportReport& report = counts.report;
  StagedStudy staged;
  pipeline::CursorRun cursor(run, sdk, report.study);
  try {
    const auto standing = cursor.unchanged(staged);
    if (standing) {
      report.rereads = cursor.rereads();
      cursor.tell(staged);
      describe_unchanged(run, counts, staged, *standing);
      return;
    }
  } catch (const ImednetError&) {
    take_counts_so_far(counts, staged);
    throw;
  }
  run.begin_study(report.study, report.mode);
  try {
    const LoadResult result = read_and_load(run, sdk, staged, cursor, counts);
    describe(run, report, result);
    counts.counted = Counted::loaded;
    cursor.look_at_target();
    verify(run, counts, staged.forms, result.before, run.loader().forms_of(report.study));
    finish(run, report);
    cursor.keep(staged, report);
    run.end_study();
  } catch (const ImednetError& error) {
    take_counts_so_far(counts, staged);
    run.loader().stage().forget_ahead();
    run.fail_study(error);
    throw;
  }
}

void sign_in_and_run(const ImednetSDK& sdk, const SnowflakeSinkConfig& config, const sinks::snowflake::Surroundings& around,
                     Counts& counts) {
  ExportReport& report = counts.report;
  const std::int64_t retries_before = sdk.client()->retries();
  ExportRun run(config, RunScope::study, around);  // signs in first: a wrong password costs no page
  report.run_id = run.run_id();
  report.table = run.loader().table_text();
  const auto take_times = [&] {
    report.steps = run.steps();
    report.retries = sdk.client()->retries() - retries_before + run.retries();
    report.warnings = run.warnings();
  };
  try {
    (config.layout.name == LayoutName::forms ? run_forms : run_study)(run, sdk, counts);
    run.close();
    take_times();
  } catch (const ImednetError&) {
    take_times();
    throw;
  }
}

}  // namespace

ExportReport export_study(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config,
                          const sinks::snowflake::Surroundings& around) {
  const auto started = around.clock.get().now();
  Counts counts;
  ExportReport& report = counts.report;
  report.study = pipeline::required_study(study_key);
  pipeline::check_since(config);
  report.mode = pipeline::mode_name(config.mode);
  report.started_at = core::format_utc(around.clock.get().utc_now());
  const pipeline::ReportPage page(config);
  const auto take_end = [&] {
    report.finished_at = core::format_utc(around.clock.get().utc_now());
    report.seconds = std::chrono::duration<double>(around.clock.get().now() - started).count();
  };
  try {
    sign_in_and_run(sdk, config, around, counts);
    take_end();
  } catch (const ImednetError& error) {
    take_end();
    page.write_failed(report, counts.counted, error);
    throw;
  }
  if (config.manifest_path) pipeline::write_run_end(*config.manifest_path, report);
  page.write(report);
  return report;
}

ExportReport export_to_snowflake_with_report(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  return export_study(sdk, study_key, config, {});
}

RowCount export_to_snowflake(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  return export_to_snowflake_with_report(sdk, study_key, config).rows_loaded;
}

}  // namespace imednet::integrations
