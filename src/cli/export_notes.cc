#include "cli/export_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "cli/output.h"

namespace imednet::cli {

void print_reading_notes(const integrations::ExportReport& report) {
  if (report.paging == "offset") say("imednet: note: the API ignored a filter, so pages were read by offset and swept twice\n");
  if (report.unreadable_stamps > 0) say("imednet: note: {} stamps could not be read and are null\n", report.unreadable_stamps);
  if (report.raw_records > 0)
    say("imednet: note: {} records are kept as text in RECORD_DATA_RAW, since a VARIANT would change them\n", report.raw_records);
  if (report.rows_left_out > 0) say("imednet: note: {} records are of other forms or sites than those chosen\n", report.rows_left_out);
  if (!report.blinded.empty()) say("imednet: note: variables marked blinded are {}\n", report.blinded);
  std::int64_t misfits = 0;
  for (const integrations::VariableReport& variable : report.variables) misfits += variable.misfits;
  if (misfits > 0) say("imednet: note: {} answers are no value of their variable's type; they are kept as sent\n", misfits);
  if (report.rows_read == 0 && report.since.empty()) say("imednet: note: the study has no records\n");
}

void print_views(const integrations::ExportReport& report) {
  if (!report.views.empty()) say("typed views: {}\n", fmt::join(report.views, ", "));
}

double rows_a_second(const integrations::ExportReport& report) {
  return report.seconds > 0 ? static_cast<double>(report.rows_read) / report.seconds : 0;
}

}  // namespace imednet::cli
