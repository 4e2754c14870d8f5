#include "pipeline/report_counts.h"

#include "pipeline/form_reports.h"
#include "staging/batch_names.h"

namespace imednet::pipeline {

void take_reading(integrations::ExportReport& report, const StagedStudy& staged) {
  report.rows_expected = staged.proof.expected;
  report.rows_read = staged.proof.read;
  report.pages = staged.proof.pages;
  report.requests = staged.proof.requests;
  report.bytes_read = staged.proof.bytes;
  report.paging = staged.proof.method;
  report.since = staged.since;
  report.rows_in_api = staged.records_in_api;
  report.unreadable_stamps = staged.counts.unreadable_stamps;
  report.raw_records = staged.counts.raw_records;
  report.rows_staged = report.bytes_staged = 0;
  for (const staging::StagedFile& file : staged.files) {
    report.rows_staged += file.rows;
    report.bytes_staged += file.bytes;
  }
  report.files = report.batches = static_cast<std::int64_t>(staged.files.size());
  report.forms = form_reports(staged.forms, {}, {});
}

void take_result(integrations::ExportReport& report, const sinks::LoadResult& result,
                 const std::function<std::string(const staging::StagedFile&)>& path_of) {
  report.method = sinks::method_name(result.method);
  report.rows_inserted = result.inserted;
  report.rows_updated = result.updated;
  report.rows_loaded = result.inserted + result.updated;
  report.rows_unchanged = result.unchanged;
  report.rows_twice = result.twice;
  report.rows_vanished = result.vanished;
  report.rows_skipped = 0;
  report.batch_reports.clear();
  for (const sinks::FileOutcome& outcome : result.outcomes) {
    const staging::StagedFile& file = *outcome.file;
    const bool is_in = outcome.status == sinks::FileStatus::skipped || outcome.status == sinks::FileStatus::adopted;
    const std::int64_t part = staging::part_of_batch(report.study, file.batch_id);
    if (is_in && part == 1) report.rows_skipped += file.rows;
    report.batch_reports.push_back({file.batch_id, path_of(file), file.content_hash, file.sha256,
                                    std::string(sinks::status_name(outcome.status)), file.rows, outcome.rows_loaded, file.bytes,
                                    file.first_record_id, file.last_record_id, part});
  }
}

}  // namespace imednet::pipeline
