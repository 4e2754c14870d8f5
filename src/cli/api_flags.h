// api_flags.h: what commands that read or write iMednet have in common.
#pragma once

#include <CLI/App.hpp>
#include <chrono>

namespace imednet::cli {

// Where keys and address come from: a line of the help.
inline constexpr const char* kKeysNote =
    "Keys for iMednet come from IMEDNET_API_KEY and IMEDNET_SECURITY_KEY, another host from IMEDNET_BASE_URL.\n";

// --deadline, in seconds.
void add_deadline(CLI::App& command, double& seconds);
// Never shorter than what was asked for; 0: none.
std::chrono::milliseconds deadline_of(double seconds);

}  // namespace imednet::cli
