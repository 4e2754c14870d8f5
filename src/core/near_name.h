// near_name.h: the name that was probably meant.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace imednet::core {

// ASCII letters in lower case.
std::string lower_case(std::string_view text);

// Of `known` the one that differs from `name` least: in case alone, else by at most two letters (one, in a name of up to four) that are
// missing, too many, others or two that changed places. nullopt: none is that near. Of several the first.
std::optional<std::string> near_name(std::string_view name, std::span<const std::string> known);

}  // namespace imednet::core
