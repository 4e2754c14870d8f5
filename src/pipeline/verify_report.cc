#include "pipeline/verify_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "core/stamp.h"
#include "imednet/errors.h"
#include "pipeline/form_reports.h"

namespace imednet::pipeline {

using integrations::VerifyReport;

VerifyReport timed(VerifyReport report, const std::function<void(VerifyReport&)>& compare) {
  const auto started = std::chrono::steady_clock::now();
  report.started_at = core::format_utc(core::system_clock().utc_now());
  compare(report);
  report.finished_at = core::format_utc(core::system_clock().utc_now());
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

std::vector<integrations::VerifiedForm> verified_forms(const sinks::FormRows& expected, const sinks::FormRows& found) {
  std::vector<integrations::VerifiedForm> forms;
  for (const integrations::FormReport& form : form_reports(expected, {}, found))
    forms.push_back({form.form_key, form.rows_read, form.rows_in_target});
  return forms;
}

namespace {

using ComparePlans = std::function<void(const Plans&, const ledger::ChainCheck&, VerifyReport&)>;

void verify_manifest(VerifyReport& report, const std::filesystem::path& manifest, const integrations::VerifyOptions& options,
                     const ComparePlans& compare) {
  const ledger::ChainCheck check = ledger::check_chain(manifest);
  report.faults = check.faults;
  report.lines = static_cast<std::int64_t>(check.manifest.lines.size());
  if (check.totals) report.runs = check.totals->runs;
  if (check.manifest.has_cut_line) report.warnings.push_back(fmt::format("{} has a line that was cut off by a crash", manifest.string()));
  if (check.lines_after > 0) {
    report.warnings.push_back(fmt::format("{} has {} lines of a run that did not end well, or goes on; run the export again",
                                          manifest.string(), check.lines_after));
  }
  if (!report.faults.empty() || !check.totals) return;
  Plans plans;
  for (const ledger::StudyPlan& plan : check.totals->plans) {
    if (options.study.empty() || options.study == plan.study) plans.push_back(&plan);
  }
  if (plans.empty()) {
    throw errors::ExportConfigurationError(fmt::format("cannot verify {}: no run that read all of {} ended well with it", manifest.string(),
                                                       options.study.empty() ? "a study" : "the study " + options.study),
                                           {.code = errors::ErrorCode::config,
                                            .hint = "name the manifest of the run that loaded the study, or check --study",
                                            .origin = {.system = "local"}});
  }
  compare(plans, check, report);
}

}  // namespace

VerifyReport verify_plans(const std::filesystem::path& manifest, std::string_view against, const integrations::VerifyOptions& options,
                          const ComparePlans& compare) {
  return timed({.manifest = manifest.string(), .against = std::string(against)},
               [&](VerifyReport& report) { verify_manifest(report, manifest, options, compare); });
}

}  // namespace imednet::pipeline

namespace imednet::integrations {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const RecordIds& ids) { return {{"count", ids.count}, {"record_ids", ids.ids}}; }

ordered_json json_of(const std::vector<VerifiedForm>& forms) {
  ordered_json list = ordered_json::array();
  for (const VerifiedForm& form : forms)
    list.push_back({{"form_key", form.form_key}, {"rows_expected", form.rows_expected}, {"rows_found", form.rows_found}});
  return list;
}

}  // namespace

bool VerifiedStudy::is_good() const { return missing.count == 0 && extra.count == 0 && stale.count == 0 && faults.empty(); }

bool VerifyReport::is_good() const {
  return faults.empty() && std::all_of(studies.begin(), studies.end(), [](const VerifiedStudy& study) { return study.is_good(); });
}

std::string to_json(const VerifyReport& report, int exit_code) {
  ordered_json studies = ordered_json::array();
  for (const VerifiedStudy& study : report.studies) {
    studies.push_back({{"study", study.study},
                       {"table", study.table},
                       {"run_id", study.run_id},
                       {"good", study.is_good()},
                       {"files", study.files},
                       {"rows_expected", study.rows_expected},
                       {"rows_found", study.rows_found},
                       {"rows_compared", study.rows_compared},
                       {"statements", study.statements},
                       {"missing", json_of(study.missing)},
                       {"extra", json_of(study.extra)},
                       {"stale", json_of(study.stale)},
                       {"forms", json_of(study.forms)},
                       {"faults", study.faults}});
  }
  const ordered_json json = {
      {"manifest", report.manifest},       {"against", report.against}, {"good", report.is_good()},    {"started_at", report.started_at},
      {"finished_at", report.finished_at}, {"seconds", report.seconds}, {"lines", report.lines},       {"runs", report.runs},
      {"faults", report.faults},           {"studies", studies},        {"warnings", report.warnings}, {"exit", exit_code}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace imednet::integrations
