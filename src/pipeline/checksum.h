// checksum.h: the server's checksums of two sets of rows, and which record is behind their difference.
//
// Source: sinks/snowflake/verify_statements.h; ADR 0024.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sinks/snowflake/loader.h"

namespace imednet::pipeline {

// Rows that should be there, or are.
using sinks::snowflake::PartSum;

// The one record by which the two sets differ: it was added, removed or altered. nullopt: there are none or several, or a text is
// no checksum.
std::optional<std::int64_t> only_difference(const PartSum& expected, const PartSum& found);

}  // namespace imednet::pipeline
