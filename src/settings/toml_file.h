// toml_file.h: the one bridge to toml++: a TOML text as a flat list of what it holds.
//
// Errors: ExportConfigurationError (config) with file, line and column; never a part of the text, which may be a password.
// Rule:   the TOML library is the copy that the ADBC driver manager is compiled from, so that a program never holds two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "imednet/secret.h"

namespace imednet::settings {

enum class TomlKind { text, integer, boolean, table, other };

struct TomlEntry {
  std::vector<std::string> path;  // {"connections", "dev", "account"}
  TomlKind kind = TomlKind::other;
  Secret text;  // of text, integer and boolean; a Secret, since it is not known yet what it is
};

// Entries in the order of their paths, tables before what they hold. `file` is named in errors.
std::vector<TomlEntry> parse_toml(std::string_view text, const std::string& file);

// The kind as people call it, for example "a text".
std::string_view kind_name(TomlKind kind) noexcept;

}  // namespace imednet::settings
