// driver_environment.h: what must stand in the environment before a process with the Snowflake driver starts.
//
// The driver's runtime copies the environment the process was started with; setenv() in the running program does not reach
// it (ADR 0003). So a program sets these and executes itself again, before anything else; a library user sets them outside.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace imednet::sinks::snowflake {

// Name and value: no probes of cloud metadata addresses, no native side library from a temporary folder.
const std::vector<std::pair<std::string, std::string>>& driver_environment();

// Names that were not set so when the process was started.
std::vector<std::string> missing_driver_environment();

}  // namespace imednet::sinks::snowflake
