#include "cli/verify_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/exit_code.h"
#include "cli/output.h"

namespace imednet::cli {
namespace {

using integrations::RecordIds;
using integrations::VerifiedStudy;
using integrations::VerifyReport;

constexpr std::size_t kIdsShown = 20;

std::string ids_text(std::string_view kind, const RecordIds& ids) {
  if (ids.count == 0) return "";
  std::string text = fmt::format("  {} {}:", kind, ids.count);
  const std::size_t shown = std::min(kIdsShown, ids.ids.size());
  for (std::size_t i = 0; i < shown; ++i) text += fmt::format(" {}", ids.ids[i]);
  return text + (ids.count > static_cast<std::int64_t>(shown) ? " …\n" : "\n");
}

std::string study_text(const VerifiedStudy& study, std::string_view where) {
  std::string text = fmt::format("{} {}: {} rows expected, {} found in {}\n", study.is_good() ? "ok   " : "WRONG", study.study,
                                 study.rows_expected, study.rows_found, where);
  text += ids_text("missing", study.missing) + ids_text("extra", study.extra) + ids_text("stale", study.stale);
  for (const std::string& fault : study.faults) text += fmt::format("  {}\n", fault);
  return text;
}

std::string to_text(const VerifyReport& report, const std::string& folder) {
  std::string text;
  if (!report.manifest.empty()) {
    text = fmt::format("{} {}: {} lines, {} runs\n", report.faults.empty() ? "ok   " : "WRONG", report.manifest, report.lines, report.runs);
  }
  for (const std::string& fault : report.faults) text += fmt::format("  {}\n", fault);
  for (const VerifiedStudy& study : report.studies) text += study_text(study, folder.empty() ? study.table : folder);
  return text + (report.is_good() ? "Everything is as it was loaded\n" : "There are differences\n");
}

}  // namespace

int tell_verified(const VerifyReport& report, const ExportFlags& flags, const std::string& folder) {
  for (const std::string& warning : report.warnings) {
    if (!flags.quiet) say("imednet: warning: {}\n", warning);
  }
  const int code = report.is_good() ? 0 : kCountsDiffer;
  write_out(flags.output == "json" ? integrations::to_json(report, code) + "\n" : to_text(report, folder));
  flush_out();
  return code;
}

}  // namespace imednet::cli
