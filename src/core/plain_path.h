// plain_path.h: paths that mean the same to a shell, to the driver's PUT and in an address.
#pragma once

#include <string>
#include <string_view>

namespace imednet::core {

// Not empty, and nothing but letters, digits and _ . - / in it: no pattern, no escape, no quote.
bool is_plain_path(std::string_view path) noexcept;

// A path as a person may paste it into a command.
std::string quoted_for_shell(std::string_view path);

}  // namespace imednet::core
