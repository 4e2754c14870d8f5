// export_start.h: what the commands with the export's arguments do first, and how they fail.
#pragma once

#include "cli/commands.h"
#include "cli/export_flags.h"
#include "imednet/sdk.h"

namespace imednet::cli {

// Log level, warnings, settings; secrets are removed from the process title.
integrations::SnowflakeSinkConfig start_export(ExportFlags& flags, const Context& context);

ImednetSDK sdk_for(const integrations::SnowflakeSinkConfig& config, const Context& context);

// With --output json a run that failed answers on standard output too; what it counted is in the destination's ledger.
void write_failure(const ExportFlags& flags, const ImednetError& error);

// `run`, with that.
Command failing_in_json(const std::shared_ptr<ExportFlags>& flags, int (*run)(ExportFlags&, const Context&));

}  // namespace imednet::cli
