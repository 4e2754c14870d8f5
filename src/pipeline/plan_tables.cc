// plan_tables.cc: reads and stages a study as an export into DuckDB, SQLite or PostgreSQL does, and asks what it would do with it.
#include "imednet/integrations/plan.h"
#include "pipeline/form_reports.h"
#include "pipeline/table_study.h"

#include "core/run_id.h"

namespace imednet::integrations {
namespace {

using sinks::sql::Catalog;
using sinks::sql::LoaderSettings;
using sinks::sql::SqlLoader;
using sinks::sql::SqlPlace;
using sinks::sql::StudyPreview;
using sinks::sql::TableWork;

ExportPlan plan_tables(const ImednetSDK& sdk, std::string_view study, SqlPlace place, const std::string& table, const TableLoad& load) {
  core::Clock& clock = core::system_clock();
  pipeline::TableStudy source(sdk, study, std::move(place), table, load);
  const LoaderSettings settings = pipeline::loader_settings(load);
  ExportPlan plan;
  SqlLoader loader(source.place(), source.table(), settings, core::make_run_id(clock), clock, {});
  source.read([&] { loader.look(source.study(), [&](const Catalog& there) { return source.tables().targets(there); }); });
  const std::vector<TableWork> works = source.works();
  source.steps().enter("comparing", 0, 0);
  const StudyPreview preview = loader.preview(works);
  plan.study = source.study();
  plan.mode = sinks::mode_name(load.mode);
  plan.method = sinks::method_name(preview.all.method);
  plan.table = source.place().name + "#" + source.table().text();
  plan.makes_table = !preview.makes_tables.empty();
  plan.makes_tables = preview.makes_tables;
  plan.makes_ledger = preview.makes_ledger;
  plan.adds_columns = preview.adds_columns;
  plan.rows_read = source.staged().proof.read;
  ExportReport described;
  described.files = preview.files_in + preview.files_pending;
  if (source.tables().forms() != nullptr) source.tables().forms()->describe(described);
  plan.files = described.files;
  plan.warnings = described.warnings;
  plan.files_in = preview.files_in;
  plan.files_to_load = preview.files_pending;
  for (const auto& [form, rows] : preview.all.before) plan.rows_in_table += rows;
  plan.rows_in = preview.rows_in;
  plan.rows_inserted = preview.all.inserted;
  plan.rows_updated = preview.all.updated;
  plan.rows_unchanged = preview.all.unchanged;
  plan.rows_vanished = preview.all.vanished;
  const sinks::FormRows rows = source.rows();
  plan.forms = pipeline::form_reports(rows, preview.all.before, rows);
  if (preview.all.method == sinks::LoadMethod::append) {
    for (FormReport& form : plan.forms) form.rows_in_target = -1;
  }
  plan.paging = source.staged().proof.method;
  plan.refusal = preview.refusal;
  return plan;
}

}  // namespace

ExportPlan plan_export_to_duckdb(const ImednetSDK& sdk, std::string_view study_key, const DuckDbConfig& config) {
  return plan_tables(sdk, study_key, sinks::sql::place_of_duckdb(config.path, config.driver), config.table, config.load);
}

ExportPlan plan_export_to_sql(const ImednetSDK& sdk, std::string_view study_key, const SqlConfig& config) {
  return plan_tables(sdk, study_key, sinks::sql::place_of_address(config.uri, config.driver), config.table, config.load);
}

}  // namespace imednet::integrations
