// load_plan.h: what is Snowflake's own in the plan of a study's load (sinks/study_load.h): its limits, and files of partial readings.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sinks/study_load.h"

namespace imednet::sinks::snowflake {

inline constexpr std::size_t kFilesACopy = 1000;  // Snowflake's limit for FILES

LoadRules rules_of(const integrations::SnowflakeSinkConfig& config);

// Paths of the files that no longer stand for all of their ids when rows with these (rising) were changed or inserted: those whose
// range holds one, and for one between two files the later of them.
std::vector<std::string> files_touched(const LoadedFiles& known, std::span<const std::int64_t> record_ids);

}  // namespace imednet::sinks::snowflake
