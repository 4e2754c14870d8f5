// plan_snowflake.cc: reads and stages a study as the export does, and asks the loader what it would do with it.
#include <fmt/format.h>

#include "imednet/integrations/plan.h"
#include "pipeline/cursor_run.h"
#include "pipeline/form_names.h"
#include "pipeline/form_reports.h"
#include "pipeline/snowflake_forms.h"
#include "pipeline/snowflake_views.h"
#include "pipeline/study_reading.h"
#include "pipeline/write_mode.h"

namespace imednet::integrations {
namespace {

using sinks::FormRows;
using sinks::snowflake::ExportRun;
using sinks::snowflake::LoadPreview;

// Nothing is kept of a plan.
SnowflakeSinkConfig without_traces(SnowflakeSinkConfig config) {
  config.manifest_path.reset();
  config.report_path.reset();
  config.local_staging_dir.reset();
  return config;
}

void take(ExportPlan& plan, const LoadPreview& preview) {
  plan.method = sinks::method_name(preview.method);
  plan.makes_table = !preview.makes_tables.empty();
  plan.makes_tables = preview.makes_tables;
  plan.makes_ledger = preview.makes_ledger;
  plan.adds_columns = preview.adds_columns;
  plan.files_in = preview.files_in;
  plan.files_to_load = preview.files_pending;
  plan.rows_in = preview.rows_in;
  plan.rows_inserted = preview.inserted;
  plan.rows_updated = preview.updated;
  plan.rows_unchanged = preview.unchanged;
  plan.rows_vanished = preview.vanished;
  plan.refusal = preview.refusal;
  for (const auto& [form, rows] : preview.before) plan.rows_in_table += rows;
}

// As an export: what changed where that is enough, else all.
LoadPreview preview_of(ExportRun& run, const ImednetSDK& sdk, const std::string& study, pipeline::StagedStudy& staged) {
  LoadPreview preview;
  const pipeline::SnowflakeViews views(run, sdk, study);
  pipeline::CursorRun cursor(run, sdk, study);
  const auto look = [&] {
    const sinks::StudyRead read = staged.read_of(study);
    preview = staged.since.empty() ? run.loader().preview(read) : run.loader().preview_changes(read);
  };
  pipeline::read_study(pipeline::host_of(run), sdk, study, staged, look, cursor.order());
  if (!staged.since.empty() && preview.live_after != staged.records_in_api) {
    const std::string why =
        fmt::format("the API holds {} records and the table would have {} live rows", staged.records_in_api, preview.live_after);
    pipeline::read_study(pipeline::host_of(run), sdk, study, staged, look, cursor.order_all(why));
  }
  cursor.tell(staged);
  return preview;
}

LoadPreview preview_of_forms(ExportRun& run, const ImednetSDK& sdk, const std::string& study, pipeline::StagedStudy& staged,
                             FormRows& read) {
  LoadPreview preview;
  pipeline::SnowflakeForms forms(run, sdk, study);
  forms.look();
  pipeline::ReadingHost host = pipeline::host_of(run);
  host.directory = run.temporary() / "records";
  pipeline::read_study(host, sdk, study, staged, [&] { preview = forms.preview(staged); });
  read = forms.rows_read();
  return preview;
}

}  // namespace

ExportPlan plan_export_to_snowflake(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config) {
  ExportPlan plan;
  plan.study = pipeline::required_study(study_key);
  pipeline::check_since(config);
  pipeline::require_views_fit(config.layout);
  ExportRun run(without_traces(config));
  plan.mode = pipeline::mode_name(config.mode);
  plan.table = run.loader().table_text();
  pipeline::StagedStudy staged;
  const bool is_typed = config.layout.name == LayoutName::forms;
  FormRows read;
  const LoadPreview preview = is_typed ? preview_of_forms(run, sdk, plan.study, staged, read) : preview_of(run, sdk, plan.study, staged);
  if (!is_typed) read = staged.forms;
  plan.since = staged.since;
  plan.rows_read = staged.proof.read;
  plan.paging = staged.proof.method;
  plan.files = preview.files_in + preview.files_pending;
  take(plan, preview);
  // The table would be the API's mirror; what an append makes of it depends on which rows are in the files.
  plan.forms = pipeline::form_reports(read, preview.before, read);
  if (preview.method == sinks::LoadMethod::append || !plan.since.empty()) {
    for (FormReport& form : plan.forms) form.rows_in_target = -1;
  }
  plan.warnings = run.warnings();
  run.close();
  return plan;
}

}  // namespace imednet::integrations
