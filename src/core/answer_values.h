// answer_values.h: an answer's text as a number, a flag, a date or a moment, or not at all.
//
// Rule: docs/formats/forms-layout.md ("Types"). A value is taken only when it means exactly what the text says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imednet::core {

// A decimal number that a double gives back digit for digit, leading and trailing zeros aside: its digits are the fewest that read as that
// double. No white space, no plus, no hex. 0 for -0.
std::optional<double> parse_number(std::string_view text);
// A decimal number in that notation, whether a double holds it or not.
bool is_decimal(std::string_view text);
// The shortest text that reads as that number again: what `_raw` need not keep.
std::string number_text(double number);

// true, false (any case), 1, 0.
std::optional<bool> parse_flag(std::string_view text);

// YYYY-MM-DD of the calendar, years 0001 to 9999: days since 1970.
std::optional<std::int32_t> parse_date(std::string_view text);
// YYYY-MM-DD HH:MM[:SS[.ffffff]], a T for the blank allowed, without a zone: microseconds since 1970 by that clock.
std::optional<std::int64_t> parse_moment(std::string_view text);

}  // namespace imednet::core
