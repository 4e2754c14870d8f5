#include "pipeline/snowflake_views.h"

#include "pipeline/form_names.h"
#include "pipeline/typed_table.h"

namespace imednet::pipeline {

SnowflakeViews::SnowflakeViews(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, const std::string& study) : run_(run) {
  if (!run_.config().layout.views) return;
  metadata_.emplace(sdk, study, run_.config().layout, kSnowflakeNames);
  require_own_views(*metadata_, study, run_.table().object().name(),
                    [this](const std::string& suffix) { return typed_table(run_.table(), suffix).object().name(); });
  views_.emplace(run_.typed_views(study));
  for (const table::FormLayout* form : metadata_->wanted()) {
    if (!form->form_key().empty())
      views_->add(typed_table(run_.table(), form_suffix(form->form_key())), form_views_.emplace_back(table::view_of(*form)));
  }
  views_->look();
}

void SnowflakeViews::bring_up(integrations::ExportReport& report) {
  if (!views_) return;
  run_.report_step("viewing", 0, 0);
  const bool has_changed = views_->bring_up();
  if (report.unchanged_since_run.empty() && (has_changed || report.rows_loaded > 0)) views_->count_unreadable();
  report.views = views_->names();
  report.blinded = metadata_->blinding();
}

}  // namespace imednet::pipeline
