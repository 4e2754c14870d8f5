#pragma once

#include <string>
#include <vector>

namespace imednet::sandbox::snowflake {

// Statements that define, in a fresh connection, the sf_... macros translated SQL relies on.
const std::vector<std::string>& engine_macros();

}  // namespace imednet::sandbox::snowflake
