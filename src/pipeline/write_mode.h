// write_mode.h: what is typed or said of a whole-study export, for its commands and reports.
#pragma once

#include <string>
#include <string_view>

#include "sinks/study_load.h"

namespace imednet::pipeline {

using sinks::mode_name;

// The key as text. Throws ExportConfigurationError when it is blank.
std::string required_study(std::string_view study_key);

}  // namespace imednet::pipeline
