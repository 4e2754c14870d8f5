// report_json.cc: the reports as the JSON that `--output json` prints and <manifest>.run.json keeps (docs/export-snowflake.md,
// docs/replay.md, docs/plan.md).
#include <nlohmann/json.hpp>

#include "imednet/integrations/plan.h"
#include "imednet/integrations/replay.h"
#include "imednet/integrations/warehouse.h"
#include "pipeline/reconciliation.h"

namespace imednet::integrations {

using nlohmann::ordered_json;

namespace {

ordered_json batches_of(const std::vector<BatchReport>& reports) {
  ordered_json batches = ordered_json::array();
  for (const BatchReport& batch : reports) {
    batches.push_back({{"batch_id", batch.batch_id},
                       {"part", batch.part},
                       {"stage_path", batch.stage_path},
                       {"status", batch.status},
                       {"rows", batch.rows},
                       {"rows_loaded", batch.rows_loaded},
                       {"bytes", batch.bytes},
                       {"hash", batch.content_hash},
                       {"sha256", batch.sha256},
                       {"first_record_id", batch.first_record_id},
                       {"last_record_id", batch.last_record_id}});
  }
  return batches;
}

ordered_json forms_of(const std::vector<FormReport>& reports) {
  ordered_json forms = ordered_json::array();
  for (const FormReport& form : reports) {
    forms.push_back({{"form_key", form.form_key},
                     {"rows_read", form.rows_read},
                     {"rows_before", form.rows_before},
                     {"rows_in_target", form.rows_in_target < 0 ? ordered_json() : ordered_json(form.rows_in_target)}});
  }
  return forms;
}

ordered_json variables_of(const std::vector<VariableReport>& reports) {
  ordered_json variables = ordered_json::array();
  for (const VariableReport& variable : reports) {
    variables.push_back({{"form_key", variable.form_key},
                         {"variable", variable.variable},
                         {"table", variable.table},
                         {"column", variable.column},
                         {"type", variable.type},
                         {"answered", variable.answered},
                         {"misfits", variable.misfits},
                         {"exact", variable.exact}});
  }
  return variables;
}

ordered_json steps_of(const std::vector<StepTime>& times) {
  ordered_json steps = ordered_json::array();
  for (const StepTime& time : times) steps.push_back({{"step", time.step}, {"seconds", time.seconds}});
  return steps;
}

ordered_json count_of(const pipeline::Count& count) {
  return {{"what", count.what}, {"counted_by", count.counted_by}, {"rows", count.rows}};
}

// The forms' own counts stand in `forms`.
ordered_json reconciliation_of(const ExportReport& report) {
  ordered_json terms = ordered_json::array();
  if (!report.reconciled) return terms;
  for (const pipeline::Agreement& term : pipeline::reconcile(report).totals)
    terms.push_back({{"left", count_of(term.left)}, {"right", count_of(term.right)}, {"agrees", term.agrees()}});
  return terms;
}

}  // namespace

std::string to_json(const ExportReport& report, int exit_code) {
  const ordered_json json = {{"study", report.study},
                             {"run_id", report.run_id},
                             {"destination", report.destination},
                             {"mode", report.mode},
                             {"method", report.method},
                             {"table", report.table},
                             {"started_at", report.started_at},
                             {"finished_at", report.finished_at},
                             {"rows_expected", report.rows_expected},
                             {"rows_read", report.rows_read},
                             {"rows_staged", report.rows_staged},
                             {"rows_loaded", report.rows_loaded},
                             {"rows_skipped", report.rows_skipped},
                             {"rows_inserted", report.rows_inserted},
                             {"rows_updated", report.rows_updated},
                             {"rows_unchanged", report.rows_unchanged},
                             {"rows_twice", report.rows_twice},
                             {"rows_vanished", report.rows_vanished},
                             {"rows_in_target", report.rows_in_target},
                             {"reconciled", report.reconciled},
                             {"files", report.files},
                             {"batches", report.batches},
                             {"bytes_read", report.bytes_read},
                             {"bytes_staged", report.bytes_staged},
                             {"pages", report.pages},
                             {"requests", report.requests},
                             {"rereads", report.rereads},
                             {"retries", report.retries},
                             {"paging", report.paging},
                             {"since", report.since},
                             {"rows_in_api", report.rows_in_api},
                             {"unchanged_since_run", report.unchanged_since_run},
                             {"layout", report.layout},
                             {"rows_left_out", report.rows_left_out},
                             {"blinded", report.blinded},
                             {"unreadable_stamps", report.unreadable_stamps},
                             {"raw_records", report.raw_records},
                             {"seconds", report.seconds},
                             {"steps", steps_of(report.steps)},
                             {"reconciliation", reconciliation_of(report)},
                             {"warnings", report.warnings},
                             {"cleanup", report.cleanup},
                             {"forms", forms_of(report.forms)},
                             {"variables", variables_of(report.variables)},
                             {"views", report.views},
                             {"batch_reports", batches_of(report.batch_reports)},
                             {"exit", exit_code}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_json(const ReplayReport& report, int exit_code) {
  ordered_json studies = ordered_json::array();
  for (const ReplayedStudy& study : report.studies) {
    studies.push_back({{"study", study.study},
                       {"table", study.table},
                       {"run_id", study.run_id},
                       {"rows_in_files", study.rows_in_files},
                       {"rows_loaded", study.rows_loaded},
                       {"rows_skipped", study.rows_skipped},
                       {"rows_in_target", study.rows_in_target},
                       {"batch_reports", batches_of(study.batch_reports)}});
  }
  const ordered_json json = {{"started_at", report.started_at},
                             {"finished_at", report.finished_at},
                             {"rows_in_files", report.rows_in_files},
                             {"rows_loaded", report.rows_loaded},
                             {"rows_skipped", report.rows_skipped},
                             {"reconciled", report.reconciled},
                             {"files", report.files},
                             {"files_kept", report.files_kept},
                             {"files_fetched", report.files_fetched},
                             {"bytes_fetched", report.bytes_fetched},
                             {"seconds", report.seconds},
                             {"warnings", report.warnings},
                             {"studies", studies},
                             {"exit", exit_code}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_json(const ExportPlan& plan, int exit_code) {
  ordered_json refusal;
  try {
    if (plan.refusal) std::rethrow_exception(plan.refusal);
  } catch (const ImednetError& error) {
    refusal = {{"code", errors::code_name(error.code())}, {"message", error.what()}, {"hint", error.hint()}};
  }
  const ordered_json json = {{"study", plan.study},
                             {"mode", plan.mode},
                             {"method", plan.method},
                             {"table", plan.table},
                             {"makes_table", plan.makes_table},
                             {"makes_tables", plan.makes_tables},
                             {"makes_ledger", plan.makes_ledger},
                             {"adds_columns", plan.adds_columns},
                             {"rows_read", plan.rows_read},
                             {"files", plan.files},
                             {"files_in", plan.files_in},
                             {"files_to_load", plan.files_to_load},
                             {"rows_in_table", plan.rows_in_table},
                             {"rows_in", plan.rows_in},
                             {"rows_inserted", plan.rows_inserted},
                             {"rows_updated", plan.rows_updated},
                             {"rows_unchanged", plan.rows_unchanged},
                             {"rows_vanished", plan.rows_vanished},
                             {"forms", forms_of(plan.forms)},
                             {"paging", plan.paging},
                             {"since", plan.since},
                             {"refusal", refusal},
                             {"warnings", plan.warnings},
                             {"exit", exit_code}};
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace imednet::integrations
