#pragma once

#include <string_view>

namespace imednet::sandbox::snowflake {

// Words that can be neither a bare column nor an alias without AS.
bool is_reserved(std::string_view upper_word);

}  // namespace imednet::sandbox::snowflake
