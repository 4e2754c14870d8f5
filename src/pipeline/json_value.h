// json_value.h: do two JSON texts have the same value, as a VARIANT keeps values?
#pragma once

#include <string_view>

namespace imednet::pipeline {

// Order of members, space, escapes and the spelling of numbers don't matter. Numbers are compared digit by digit; one written with
// an exponent by its first 15 digits, which is what every double gives back. A text that is no JSON equals itself alone.
bool is_same_json(std::string_view one, std::string_view other);

}  // namespace imednet::pipeline
