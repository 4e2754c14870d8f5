// stamp.h: reads the API's time stamps, and writes stamps of that form.
//
// Shape: "YYYY-MM-DD HH:MM:SS", UTC without a mark; also 'T' for the blank, a fraction, "Z" or an offset such as -06:00.
// Units: microseconds since 1970-01-01 UTC; a finer fraction is cut.
// Source: docs/api.md ("Dates and times").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imednet::core {

// nullopt when the text is no such stamp or names a moment that the calendar does not have. Years 0001 to 9999.
std::optional<std::int64_t> parse_stamp(std::string_view text);
// "2026-01-31 12:00:00", and ".000001" behind it where there are microseconds. Years 0001 to 9999.
std::string format_stamp(std::int64_t micros);

}  // namespace imednet::core
