// export_start.h: what the commands with the export's arguments do first, and how they fail.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/export_flags.h"
#include "imednet/sdk.h"

namespace imednet::cli {

using JsonMember = std::pair<std::string, std::string>;

// Log level, warnings, settings; secrets are removed from the process title.
integrations::SnowflakeSinkConfig start_export(ExportFlags& flags, const Context& context);

ImednetSDK sdk_for(const ExportFlags& flags, const integrations::SnowflakeSinkConfig& config, const Context& context);

// The address that was typed, which leaves the process title, or for "-" the environment's. Throws ExportConfigurationError.
Secret resolve_address(const ExportFlags& flags, const Context& context);

// `run`; with --output json one that fails answers on standard output too, after what it is `about` ({"study": …}). What it
// counted is in the destination's ledger.
Command answering_failures(Command run, std::shared_ptr<const ExportFlags> flags, std::function<std::vector<JsonMember>()> about);

// A command with flags of its own that `define` adds; when it is chosen, `run` is called with them, and answers failures.
void bind_export(CLI::App& command, Command& chosen, void (*define)(CLI::App&, ExportFlags&), int (*run)(ExportFlags&, const Context&));

}  // namespace imednet::cli
