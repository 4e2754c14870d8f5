#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace imednet::sandbox::snowflake {

// A member of an object as text; "" when it is missing or no text.
std::string text_field(const nlohmann::json& json, const char* name);

}  // namespace imednet::sandbox::snowflake
