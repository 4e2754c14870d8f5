// write_mode.h: what is typed or said of a whole-study export, for its commands and reports.
#pragma once

#include <string>
#include <string_view>

#include "imednet/integrations/warehouse.h"

namespace imednet::pipeline {

// "auto", "merge", "replace", "append".
std::string_view mode_name(integrations::WriteMode mode);

// The key as text. Throws ExportConfigurationError when it is blank.
std::string required_study(std::string_view study_key);

}  // namespace imednet::pipeline
