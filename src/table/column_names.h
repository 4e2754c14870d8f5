// column_names.h: which column a variable becomes.
//
// Rule:   a variable's name as the metadata spells it. A name of one of our own columns gets "v_" before it; one that is too long is cut
// and gets
//         "_" and eight hex digits of its SHA-256 behind it. Names are compared without the case of ASCII letters, as answers are.
//         Safe names are upper case, with "_" for each character that is no ASCII letter, digit or "_"; a name that begins with a digit or
//         is one of Snowflake's reserved words gets "V_" before it as well. So nobody has to quote them.
// Source: docs/formats/forms-layout.md ("Names"); Snowflake's identifier requirements, reserved and limited keywords.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imednet::table {

inline constexpr std::size_t kNameBytes = 255;  // of a column or a folder, unless a destination takes fewer

// What a destination makes of names.
struct NameRule {
  std::size_t bytes = kNameBytes;
  bool is_safe = false;
};

// ASCII letters in lower, and in upper case.
std::string folded(std::string_view name);
std::string upper(std::string_view name);

// At most so many bytes, cut between two characters.
std::string shortened(std::string_view name, std::size_t bytes);

// In safe characters; nothing is put before it.
std::string safe_characters(std::string_view name);

// `is_ours`: whether a folded name is that of a column of ours.
std::string column_name(std::string_view variable, bool (*is_ours)(std::string_view folded), const NameRule& rule);

}  // namespace imednet::table
