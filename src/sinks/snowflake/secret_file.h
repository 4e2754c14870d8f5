// secret_file.h: a key or a token that is kept in a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "imednet/secret.h"

namespace imednet::sinks::snowflake {

// All bytes of the file, read anew at each call, so that a secret may rotate; at most 64 KiB. `what`: "private key", "token".
// Throws ExportConfigurationError (config) that names the file and why it can't be read.
Secret read_secret_file(const std::filesystem::path& file, std::string_view what);

// A path as a person may paste it into a command.
std::string quoted_for_shell(std::string_view path);

}  // namespace imednet::sinks::snowflake
