// connection_flags.h: the flags of a Snowflake connection, made from the one table of its settings.
#pragma once

#include <CLI/App.hpp>

#include "settings/snowflake_settings.h"

namespace imednet::cli {

// --connection and a flag for every setting that has one.
void define_connection_flags(CLI::App& command, settings::Typed& typed);

}  // namespace imednet::cli
