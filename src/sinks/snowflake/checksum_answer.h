// checksum_answer.h: the three sums of a checksum, as a statement's answer has them (verify_statements.h).
#pragma once

#include <cstddef>
#include <string>

#include "db/adbc.h"

namespace imednet::sinks::snowflake {

// "a:b:c" of one row of the answer; empty without rows to sum.
std::string checksum_in(const db::Answer& answer, std::size_t row);

}  // namespace imednet::sinks::snowflake
