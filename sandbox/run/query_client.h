#pragma once

#include <string>

namespace imednet::sandbox {

// Runs one statement on the server that the SNOWFLAKE_* variables name (`run` sets them) and prints its rows as a table.
// Returns 0, or 1 with the server's error on standard error. Results larger than one answer are refused: this is for a look.
int run_query(const std::string& statement);

}  // namespace imednet::sandbox
