// connection_flags.h: the flags of a Snowflake connection, made from the one table of its settings, and what they come to.
#pragma once

#include <CLI/App.hpp>
#include <string_view>

#include "cli/commands.h"
#include "settings/snowflake_settings.h"

namespace imednet::cli {

// --connection and a flag for every setting that has one.
void define_connection_flags(CLI::App& command, settings::Typed& typed);

// Flags that several commands have, each defined once.
void define_driver(CLI::App& command, std::string& driver);
void define_login_timeout(CLI::App& command, int& seconds);
void define_stage_prefix(CLI::App& command, std::string& prefix, const char* group);
void define_ledger_schema(CLI::App& command, std::string& schema, const char* group);
void define_text_or_json(CLI::App& command, std::string& output);

// The settings that were found; what of them deserves a word is said.
settings::SnowflakeSettings tell_settings(const settings::Typed& typed);

bool needs_password(const integrations::SnowflakeSinkConfig& config);

// Fills `config` from flags, environment and files for a command without positions; asks for a password or passphrase that is
// needed and nowhere. `doing` and `unneeded` as in SnowflakeSettings::require_complete. Throws ExportConfigurationError.
void apply_connection(const settings::Typed& typed, integrations::SnowflakeSinkConfig& config, std::string_view doing,
                      std::string_view unneeded = {});

// A passcode that was typed is wiped from the process title.
void wipe_passcode(const settings::Typed& typed, const Context& context);

}  // namespace imednet::cli
