#include "pipeline/report_counts.h"

#include "pipeline/form_reports.h"

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

}  // namespace imednet::pipeline
