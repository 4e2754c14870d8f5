#pragma once

#include <optional>
#include <string>
#include <vector>

#include "expression.h"

namespace imednet::sandbox::snowflake {

class NameResolver;

// Words that are functions without parentheses: CURRENT_TIMESTAMP, CURRENT_USER, ...
// Deferred ones (column defaults) keep asking the clock; others are fixed for the statement.
std::optional<std::string> session_word(const std::string& upper_name, NameResolver& resolver, bool deferred);

// Translates a call with plain arguments; nothing for a name that is not known.
std::optional<Expression> translate_function(const std::string& upper_name, const std::vector<Expression>& arguments, bool distinct);

bool is_known_function(const std::string& upper_name);

// The engine's name of a date part, or nothing.
// A date or time format in the engine's letters; nothing when it has an element that is not known here.
std::optional<std::string> time_format(const std::string& format);

std::optional<std::string> date_part(const std::string& upper_name);

}  // namespace imednet::sandbox::snowflake
