// stamp.h: reads the API's time stamps.
//
// Shape: "YYYY-MM-DD HH:MM:SS", UTC without a mark; also 'T' for the blank, a fraction, "Z" or an offset such as -06:00.
// Units: microseconds since 1970-01-01 UTC; a finer fraction is cut.
// Source: docs/api.md ("Dates and times").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace imednet::core {

// nullopt when the text is no such stamp or names a moment that the calendar does not have. Years 0001 to 9999.
std::optional<std::int64_t> parse_stamp(std::string_view text);

}  // namespace imednet::core
