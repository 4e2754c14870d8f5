#include "pipeline/snowflake_views.h"

#include "pipeline/typed_table.h"

namespace imednet::pipeline {

SnowflakeViews::SnowflakeViews(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, const std::string& study) : run_(run) {
  if (!run_.config().layout.views) return;
  planned_.emplace(sdk, study, run_.config().layout, kSnowflakeNames, run_.table().object().name(),
                   [this](const std::string& suffix) { return typed_table(run_.table(), suffix).object().name(); });
  views_.emplace(run_.typed_views(study));
  for (const auto& [suffix, view] : planned_->views()) views_->add(typed_table(run_.table(), suffix), view);
  views_->look();
}

void SnowflakeViews::bring_up(integrations::ExportReport& report) {
  if (!views_) return;
  run_.report_step("viewing", 0, 0);
  const bool has_changed = views_->bring_up();
  if (report.unchanged_since_run.empty() && (has_changed || report.rows_loaded > 0)) views_->count_unreadable();
  report.views = views_->names();
  report.blinded = planned_->metadata().blinding();
}

}  // namespace imednet::pipeline
