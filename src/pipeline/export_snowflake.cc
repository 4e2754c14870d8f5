// export_snowflake.cc: a whole study, from the API's pages to the counted table.
//
// Where it stands: RecordReader → RecordStager → Loader, one after the other; memory is one page and one row group.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <span>

#include "api/record_check.h"
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
using sinks::snowflake::FormRows;
using sinks::snowflake::LoadMethod;
using sinks::snowflake::LoadResult;
using sinks::snowflake::RunScope;
using sinks::snowflake::StudyRead;

constexpr int kReadsAtMost = 3;    // a study that changes under the reader is read again, then given up
constexpr int kRemovesShown = 20;  // more REMOVE lines than that help nobody
constexpr std::int64_t kRowsAReport = 2'000;
constexpr std::int64_t kRowsABeat = 100;  // less than a page, so that a slow API costs no lease

struct Staged {
  std::vector<staging::StagedFile> files;
  FormRows forms;
  staging::RowCounts counts;
  api::ReadProof proof;

  StudyRead read_of(const std::string& study) const {
    StudyRead read{.study = study, .files = {}, .forms = forms};
    for (const staging::StagedFile& file : files) read.files.push_back(&file);
    return read;
  }
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

void count_form(FormRows& forms, const api::RecordView::Text& form_key) {
  const std::string_view key = form_key.value_or("");
  const auto form = forms.find(key);
  if (form != forms.end()) {
    ++form->second;
  } else {
    forms.emplace(key, 1);
  }
}

void read_once(ExportRun& run, const ImednetSDK& sdk, const std::string& study, Staged& staged) {
  api::RecordReader reader(*sdk.client(), study);
  staging::RecordStager stager(run.staging_directory(), study, static_cast<std::int64_t>(run.config().batch_size));
  std::int64_t rows = 0;
  while (const api::RecordView* record = reader.next()) {
    if (run.config().stop.stop_requested()) throw ImednetError("cannot go on: the run was stopped", {.code = ErrorCode::cancelled});
    stager.append(*record);
    count_form(staged.forms, record->form_key);
    if (++rows % kRowsABeat == 0) run.beat();
    if (rows % kRowsAReport != 0) continue;
    report_reading(run, reader.proof());
    take(staged.files, stager.take_finished());
  }
  take(staged.files, stager.take_finished());
  take(staged.files, stager.finish());
  staged.counts = stager.counts();
  staged.proof = reader.proof();
  report_reading(run, staged.proof);
}

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

// A study that changes while it is read is read again; nothing of such a reading is in the table.
LoadResult read_and_load(ExportRun& run, const ImednetSDK& sdk, const std::string& study, Staged& staged, ExportReport& report) {
  for (int reading = 1;; ++reading) {
    staged = {};
    try {
      read_once(run, sdk, study, staged);
      run.study().staged(staged.files);
      return run.loader().load_study(staged.read_of(study), [&](std::span<const std::int64_t> ids) { require_gone(sdk, study, ids); });
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
void reconcile(ExportRun& run, ExportReport& report, const Staged& staged, const LoadResult& result) {
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
  FormRows all = after;
  all.insert(staged.forms.begin(), staged.forms.end());
  all.insert(result.before.begin(), result.before.end());
  const auto rows_of = [](const FormRows& forms, const std::string& form) {
    const auto found = forms.find(form);
    return found == forms.end() ? 0 : found->second;
  };
  for (const auto& [form, ignored] : all) {
    report.forms.push_back({form, rows_of(staged.forms, form), rows_of(result.before, form), rows_of(after, form)});
    if (!mirrors || report.rows_twice > 0) continue;
    require_equal(fmt::format("records of form {}", form), report.forms.back().rows_read, "its live rows in the table",
                  report.forms.back().rows_in_target);
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

std::string_view mode_name(WriteMode mode) {
  switch (mode) {
    case WriteMode::merge:
      return "merge";
    case WriteMode::replace:
      return "replace";
    case WriteMode::append:
      return "append";
    default:
      return "auto";
  }
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

// The lease is taken before anything is read, so that no older reading lands on a newer one.
void run_study(ExportRun& run, const ImednetSDK& sdk, ExportReport& report) {
  run.begin_study(report.study, report.mode);
  try {
    Staged staged;
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

ExportReport export_to_snowflake_with_report(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  const auto started = std::chrono::steady_clock::now();
  const std::string study(study_key);
  if (study.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw errors::ExportConfigurationError(
        "cannot export: the study is missing",
        {.code = ErrorCode::config, .hint = "give the study's key as iMednet has it, for example MY_STUDY"});
  }
  ExportReport report;
  ExportRun run(config, RunScope::study);  // signs in first: a wrong password costs no page
  report.study = study;
  report.run_id = run.run_id();
  report.mode = mode_name(config.mode);
  report.table = run.loader().table_text();
  report.started_at = core::format_utc(run.clock().utc_now());
  run_study(run, sdk, report);
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
