// connection_flags.h: the flags of a Snowflake connection, made from the one table of its settings, and what they come to.
#pragma once

#include <CLI/App.hpp>
#include <string_view>

#include "cli/commands.h"
#include "settings/snowflake_settings.h"

namespace imednet::cli {

// --connection and a flag for every setting that has one.
void define_connection_flags(CLI::App& command, settings::Typed& typed);

// Fills `config` from flags, environment and files for a command without positions; asks for a password or passphrase that is
// needed and nowhere. `doing` and `unneeded` as in SnowflakeSettings::require_complete. Throws ExportConfigurationError.
void apply_connection(const settings::Typed& typed, integrations::SnowflakeSinkConfig& config, std::string_view doing,
                      std::string_view unneeded = {});

// A passcode that was typed is wiped from the process title.
void wipe_passcode(const settings::Typed& typed, const Context& context);

}  // namespace imednet::cli
