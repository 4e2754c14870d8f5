#pragma once

#include <string>

#include "sql_error.h"

namespace imednet::sandbox::snowflake {

// The Snowflake error for what the engine said.
SqlError engine_failure(const std::string& message);

}  // namespace imednet::sandbox::snowflake
