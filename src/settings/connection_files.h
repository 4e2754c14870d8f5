// connection_files.h: the Snowflake CLI's own files: where they lie, who may read them, which connections they hold.
//
// Order:  $SNOWFLAKE_HOME, by default ~/.snowflake, when that folder exists; else $XDG_CONFIG_HOME/snowflake, by default
//         ~/.config/snowflake. In it connections.toml, whose tables are the connections, takes the place of the [connections]
//         part of config.toml; default_connection_name stands in config.toml.
// Rule:   a file that group or others may write is refused; one that they may read, or that belongs to another user, is warned about.
// Errors: ExportConfigurationError (config) naming the file and what to type.
// Source: Snowflake CLI, "Configuring Snowflake CLI"; ADR 0019.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "settings/toml_file.h"

namespace imednet::settings {

struct LookedAt {
  std::string path;
  std::string state;  // "read", "missing", or why it can't be read
};

struct Connection {
  std::string file;                         // where it stands
  std::map<std::string, TomlEntry> values;  // by key
};

struct ConnectionFiles {
  std::vector<LookedAt> looked_at;
  std::map<std::string, Connection> connections;
  std::string default_name, default_file;  // default_connection_name and the file it stands in
  std::vector<std::string> warnings, notes;
};

// The folder that is looked in; empty: there is no home.
std::string connection_folder();

// Reads what is there; a missing file is no error.
ConnectionFiles read_connection_files();

}  // namespace imednet::settings
