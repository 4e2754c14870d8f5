#pragma once

#include <filesystem>
#include <string>

namespace imednet::sandbox::snowflake {

// Writes aside and renames, so that a kill in between leaves the old file whole. Throws std::runtime_error.
void replace_file(const std::filesystem::path& file, const std::string& text);

}  // namespace imednet::sandbox::snowflake
