// study_export.h: the export of a whole study with the machine as a parameter; export_to_snowflake() is this on the real one.
#pragma once

#include <string_view>

#include "imednet/integrations/warehouse.h"
#include "sinks/snowflake/surroundings.h"

namespace imednet::integrations {

ExportReport export_study(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config,
                          const sinks::snowflake::Surroundings& around);

}  // namespace imednet::integrations
