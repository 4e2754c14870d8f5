#pragma once

#include <filesystem>

namespace imednet::sandbox {

std::filesystem::path executable_directory();

// The folder of the sample study: below $IMEDNET_SANDBOX_DATA, beside the installed program, or in the source tree it was built from.
std::filesystem::path sample_study();
// $IMEDNET_DUCKDB_LIBRARY, beside the installed program, or the one found when it was built.
std::filesystem::path duckdb_library();

}  // namespace imednet::sandbox
