// export_snowflake.cc: a whole study, from the API's pages to the counted table.
//
// Where it stands: study reading → Loader, one after the other.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <span>

#include "api/record_check.h"
#include "imednet/integrations/warehouse.h"
#include "ledger/manifest.h"
#include "pipeline/form_reports.h"
#include "pipeline/study_export.h"
#include "pipeline/study_reading.h"
#include "pipeline/write_mode.h"
#include "sinks/snowflake/export_run.h"

namespace imednet::integrations {
namespace {

using errors::ErrorCode;
using pipeline::StagedStudy;
using sinks::snowflake::ExportRun;
using sinks::snowflake::FileOutcome;
using sinks::snowflake::FileStatus;
using sinks::snowflake::FormRows;
using sinks::snowflake::LoadMethod;
using sinks::snowflake::LoadResult;
using sinks::snowflake::RunScope;

constexpr int kRemovesShown = 20;  // more REMOVE lines than that help nobody

// Records that a reading did not show are gone only when the API says so when asked for them.
void require_gone(const ImednetSDK& sdk, const std::string& study, std::span<const std::int64_t> ids) {
  const auto still_there = api::records_still_there(*sdk.client(), study, ids);
  if (still_there.empty()) return;
  throw errors::ApiError(
      fmt::format("cannot read study {} completely: {} records that were not shown are there, the first is {}; it changed meanwhile", study,
                  still_there.size(), still_there.front()),
      {.code = ErrorCode::counts_differ,
       .hint = "run again when the study is at rest",
       .retry = errors::RetryClass::backoff,
       .origin = {.system = "imednet"}});
}

LoadResult read_and_load(ExportRun& run, const ImednetSDK& sdk, const std::string& study, StagedStudy& staged, ExportReport& report) {
  LoadResult result;
  report.rereads = pipeline::read_study(run, sdk, study, staged, [&] {
    run.study().staged(staged.files);
    result = run.loader().load_study(staged.read_of(study), [&](std::span<const std::int64_t> ids) { require_gone(sdk, study, ids); });
  });
  return result;
}

void require_equal(std::string_view left_name, std::int64_t left, std::string_view right_name, std::int64_t right) {
  if (left == right) return;
  throw errors::ExportError(fmt::format("cannot trust the export: {} is {} and {} is {}", left_name, left, right_name, right),
                            {.code = ErrorCode::counts_differ, .hint = "run again; if it stays, report it with the run's .run.json"});
}

// Every term was counted by somebody else than the one it is compared with (ADR 0006).
void reconcile(ExportRun& run, ExportReport& report, const StagedStudy& staged, const LoadResult& result) {
  require_equal("records the API holds", report.rows_expected, "records read", report.rows_read);
  require_equal("records read", report.rows_read, "rows in the files", report.rows_staged);
  require_equal("rows in the files", report.rows_staged, "rows written, left as they were, or in already",
                report.rows_loaded + report.rows_unchanged + report.rows_twice + report.rows_skipped);
  const FormRows after = run.loader().forms_of(report.study);
  for (const auto& [form, rows] : after) report.rows_in_target += rows;
  const bool mirrors = result.method != LoadMethod::append;
  if (mirrors) {
    require_equal("rows in the files", report.rows_staged - report.rows_twice, "live rows of the study in the table",
                  report.rows_in_target);
  }
  report.forms = pipeline::form_reports(staged.forms, result.before, after);
  if (mirrors && report.rows_twice == 0) {
    for (const FormReport& form : report.forms)
      require_equal(fmt::format("records of form {}", form.form_key), form.rows_read, "its live rows in the table", form.rows_in_target);
  }
  report.reconciled = true;
}

void describe(ExportRun& run, ExportReport& report, const LoadResult& result) {
  report.method = sinks::snowflake::method_name(result.method);
  report.rows_inserted = result.inserted;
  report.rows_updated = result.updated;
  report.rows_loaded = result.inserted + result.updated;
  report.rows_unchanged = result.unchanged;
  report.rows_twice = result.twice;
  report.rows_vanished = result.vanished;
  report.files = report.batches = static_cast<std::int64_t>(result.outcomes.size());
  for (const FileOutcome& outcome : result.outcomes) {
    const staging::StagedFile& file = *outcome.file;
    const bool is_in = outcome.status == FileStatus::skipped || outcome.status == FileStatus::adopted;
    report.rows_staged += file.rows;
    report.bytes_staged += file.bytes;
    if (is_in) report.rows_skipped += file.rows;
    report.batch_reports.push_back({file.batch_id, run.loader().stage_path(file), file.content_hash, file.sha256,
                                    std::string(sinks::snowflake::status_name(outcome.status)), file.rows, outcome.rows_loaded, file.bytes,
                                    file.first_record_id, file.last_record_id});
    if (!is_in && result.outcomes.size() <= kRemovesShown) report.cleanup.push_back(run.loader().remove_statement(file));
  }
  report.warnings = run.warnings();
}

void take_counts(ExportReport& report, const StagedStudy& staged) {
  report.rows_expected = staged.proof.expected;
  report.rows_read = staged.proof.read;
  report.pages = staged.proof.pages;
  report.requests = staged.proof.requests;
  report.bytes_read = staged.proof.bytes;
  report.paging = staged.proof.method;
  report.unreadable_stamps = staged.counts.unreadable_stamps;
  report.raw_records = staged.counts.raw_records;
}

// The lease is taken before anything is read, so that no older reading lands on a newer one.
void run_study(ExportRun& run, const ImednetSDK& sdk, ExportReport& report) {
  run.begin_study(report.study, report.mode);
  try {
    StagedStudy staged;
    const LoadResult result = read_and_load(run, sdk, report.study, staged, report);
    take_counts(report, staged);
    describe(run, report, result);
    reconcile(run, report, staged, result);
    run.study().verified(report.rows_read, report.rows_loaded, report.rows_in_target);
    run.end_study();
  } catch (const ImednetError& error) {
    run.fail_study(error);
    throw;
  }
}

}  // namespace

ExportReport export_study(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config,
                          const sinks::snowflake::Surroundings& around) {
  const auto started = around.clock.get().now();
  const std::string study = pipeline::required_study(study_key);
  ExportReport report;
  ExportRun run(config, RunScope::study, around);  // signs in first: a wrong password costs no page
  report.study = study;
  report.run_id = run.run_id();
  report.mode = pipeline::mode_name(config.mode);
  report.table = run.loader().table_text();
  report.started_at = core::format_utc(run.clock().utc_now());
  run_study(run, sdk, report);
  run.close();
  report.finished_at = core::format_utc(run.clock().utc_now());
  report.seconds = std::chrono::duration<double>(run.clock().now() - started).count();
  if (config.manifest_path) {
    std::filesystem::path totals = *config.manifest_path;
    totals += ".run.json";
    ledger::write_file_atomically(totals, to_json(report, 0) + "\n");
  }
  return report;
}

ExportReport export_to_snowflake_with_report(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  return export_study(sdk, study_key, config, {});
}

RowCount export_to_snowflake(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  return export_to_snowflake_with_report(sdk, study_key, config).rows_loaded;
}

}  // namespace imednet::integrations
