// export_snowflake.cc: a whole study, from the API's pages to the counted table.
//
// Where it stands: RecordReader → RecordStager → Loader, one after the other; memory is one page and one row group.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "api/record_reader.h"
#include "imednet/integrations/warehouse.h"
#include "ledger/manifest.h"
#include "sinks/snowflake/export_run.h"
#include "staging/record_stager.h"

namespace imednet::integrations {
namespace {

using errors::ErrorCode;
using sinks::snowflake::ExportRun;
using sinks::snowflake::FileOutcome;
using sinks::snowflake::FileStatus;

constexpr int kReadsAtMost = 3;    // a study that changes under the reader is read again, then given up
constexpr int kRemovesShown = 20;  // more REMOVE lines than that help nobody
constexpr std::int64_t kRowsAReport = 2'000;

struct Staged {
  std::vector<staging::StagedFile> files;
  staging::RowCounts counts;
  api::ReadProof proof;
};

void take(std::vector<staging::StagedFile>& all, std::vector<staging::StagedFile> more) {
  for (staging::StagedFile& file : more) all.push_back(std::move(file));
}

void report_reading(ExportRun& run, const api::ReadProof& so_far) {
  run.progress.rows = so_far.read;
  run.progress.rows_expected = so_far.expected;
  run.progress.pages = so_far.pages;
  run.progress.bytes_read = so_far.bytes;
  run.report_step("reading", 0, 0);
}

void read_once(ExportRun& run, const ImednetSDK& sdk, const std::string& study, Staged& staged) {
  api::RecordReader reader(*sdk.client(), study);
  staging::RecordStager stager(run.staging_directory(), study, static_cast<std::int64_t>(run.config().batch_size));
  std::int64_t rows = 0;
  while (const api::RecordView* record = reader.next()) {
    if (run.config().stop.stop_requested()) throw ImednetError("cannot go on: the run was stopped", {.code = ErrorCode::cancelled});
    stager.append(*record);
    if (++rows % kRowsAReport != 0) continue;
    report_reading(run, reader.proof());
    take(staged.files, stager.take_finished());
  }
  take(staged.files, stager.take_finished());
  take(staged.files, stager.finish());
  staged.counts = stager.counts();
  staged.proof = reader.proof();
  report_reading(run, staged.proof);
}

Staged read_and_stage(ExportRun& run, const ImednetSDK& sdk, const std::string& study, ExportReport& report) {
  for (int reading = 1;; ++reading) {
    Staged staged;
    try {
      read_once(run, sdk, study, staged);
      return staged;
    } catch (const errors::ApiError& error) {
      if (error.code() != ErrorCode::counts_differ || reading == kReadsAtMost) throw;
      for (const staging::StagedFile& file : staged.files) std::filesystem::remove(file.path);  // the next reading may need fewer
      ++report.rereads;
      run.report_step("reading again", 0, 0);
    }
  }
}

void require_equal(std::string_view left_name, std::int64_t left, std::string_view right_name, std::int64_t right) {
  if (left == right) return;
  throw errors::ExportError(fmt::format("cannot trust the export: {} is {} and {} is {}", left_name, left, right_name, right),
                            {.code = ErrorCode::counts_differ, .hint = "run again; if it stays, report it with the run's .run.json"});
}

// Every term was counted by somebody else than the one it is compared with (ADR 0006).
void reconcile(ExportRun& run, ExportReport& report, const std::string& study) {
  require_equal("records the API holds", report.rows_expected, "records read", report.rows_read);
  require_equal("records read", report.rows_read, "rows in the files", report.rows_staged);
  require_equal("rows in the files", report.rows_staged, "rows loaded or in already", report.rows_loaded + report.rows_skipped);
  if (report.files > 0) report.rows_in_target = run.loader().rows_of(study);
  const bool mirrors = run.config().mode == WriteMode::automatic;
  if (mirrors) require_equal("rows in the files", report.rows_staged, "rows of the study in the table", report.rows_in_target);
  report.reconciled = true;
}

void describe(ExportRun& run, ExportReport& report, const Staged& staged, const std::vector<FileOutcome>& outcomes) {
  report.files = report.batches = static_cast<std::int64_t>(staged.files.size());
  for (const FileOutcome& outcome : outcomes) {
    const staging::StagedFile& file = *outcome.file;
    report.rows_staged += file.rows;
    report.bytes_staged += file.bytes;
    (outcome.status == FileStatus::loaded ? report.rows_loaded : report.rows_skipped) += file.rows;
    report.batch_reports.push_back({file.batch_id, run.loader().stage_path(file), file.content_hash, file.sha256,
                                    std::string(sinks::snowflake::status_name(outcome.status)), file.rows, outcome.rows_loaded, file.bytes,
                                    file.first_record_id, file.last_record_id});
    if (outcome.status == FileStatus::loaded && outcomes.size() <= kRemovesShown)
      report.cleanup.push_back(run.loader().remove_statement(file));
  }
  report.warnings = run.warnings();
}

void take_counts(ExportReport& report, const Staged& staged) {
  report.rows_expected = staged.proof.expected;
  report.rows_read = staged.proof.read;
  report.pages = staged.proof.pages;
  report.requests = staged.proof.requests;
  report.bytes_read = staged.proof.bytes;
  report.paging = staged.proof.method;
  report.unreadable_stamps = staged.counts.unreadable_stamps;
  report.raw_records = staged.counts.raw_records;
}

}  // namespace

ExportReport export_to_snowflake_with_report(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  const auto started = std::chrono::steady_clock::now();
  const std::string study(study_key);
  if (study.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw errors::ExportConfigurationError(
        "cannot export: the study is missing",
        {.code = ErrorCode::config, .hint = "give the study's key as iMednet has it, for example MY_STUDY"});
  }
  ExportReport report;
  ExportRun run(config);  // signs in first: a wrong password costs no page
  report.study = study;
  report.run_id = run.run_id();
  report.mode = config.mode == WriteMode::append ? "append" : "auto";
  report.table = run.loader().table_text();
  report.started_at = core::format_utc(run.clock().utc_now());
  const Staged staged = read_and_stage(run, sdk, study, report);
  take_counts(report, staged);
  const std::vector<FileOutcome> outcomes = run.loader().load_study(study, staged.files);
  describe(run, report, staged, outcomes);
  reconcile(run, report, study);
  run.close();
  report.finished_at = core::format_utc(run.clock().utc_now());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  if (config.manifest_path) {
    std::filesystem::path totals = *config.manifest_path;
    totals += ".run.json";
    ledger::write_file_atomically(totals, to_json(report, 0) + "\n");
  }
  return report;
}

RowCount export_to_snowflake(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  return export_to_snowflake_with_report(sdk, study_key, config).rows_loaded;
}

}  // namespace imednet::integrations
