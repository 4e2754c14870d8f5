// snowflake_errors.h: Snowflake's numbers and SQLSTATEs as our errors, once.
//
// Source: Snowflake's error codes as the driver hands them on; each row of the table has a test.
#pragma once

#include <string_view>

#include "imednet/errors.h"

namespace imednet::sinks::snowflake {

// The detail of `error` with code, retry class and hint set by Snowflake's vendor code; origin.system becomes "snowflake"
// where the answer came from the server, else stays "driver".
errors::ErrorDetail judge(const ImednetError& error);

// The session is gone; a new sign-in is needed before anything else.
bool is_session_lost(const ImednetError& error);

}  // namespace imednet::sinks::snowflake
