// snowflake_views.h: the typed views that a run makes over its table of records in Snowflake; none without `--views`.
//
// Order:   made before anything is read: asks the API for forms and variables, and whether each view's name is free or ours. bring_up()
//          after the table was counted, also in a run that found nothing new.
// Errors:  as FormStudy and TypedViews; ExportConfigurationError (config) for two forms with one view.
// Source:  docs/formats/views.md; ADR 0034.
#pragma once

#include <optional>
#include <string>

#include "pipeline/planned_views.h"
#include "sinks/snowflake/export_run.h"
#include "sinks/snowflake/typed_views.h"

namespace imednet::pipeline {

class SnowflakeViews {
 public:
  // `run` outlives this.
  SnowflakeViews(sinks::snowflake::ExportRun& run, const ImednetSDK& sdk, const std::string& study);

  // Every view as it is to be; `report` gets their names. Asks no warehouse when the run loaded no rows and no view was made.
  void bring_up(integrations::ExportReport& report);

 private:
  sinks::snowflake::ExportRun& run_;
  std::optional<PlannedViews> planned_;
  std::optional<sinks::snowflake::TypedViews> views_;
};

}  // namespace imednet::pipeline
