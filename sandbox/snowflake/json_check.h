#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imednet::sandbox::snowflake {

// Why PARSE_JSON would refuse this text, or nothing. Blank text is no error (it gives NULL).
std::optional<std::string> json_refusal(std::string_view text);

}  // namespace imednet::sandbox::snowflake
