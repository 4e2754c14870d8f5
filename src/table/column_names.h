// column_names.h: which column a variable becomes.
//
// Rule:   a variable's name as the metadata spells it. A name of one of our own columns gets "v_" before it; one that is too long is cut
// and gets
//         "_" and eight hex digits of its SHA-256 behind it. Names are compared without the case of ASCII letters, as answers are.
// Source: docs/formats/forms-layout.md ("Names").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imednet::table {

inline constexpr std::size_t kNameBytes = 255;  // of a column or a folder, unless a destination takes fewer

// ASCII letters in lower case.
std::string folded(std::string_view name);

// At most so many bytes, cut between two characters.
std::string shortened(std::string_view name, std::size_t bytes);

// `taken`: a name of ours.
std::string column_name(std::string_view variable, bool is_taken, std::size_t bytes);

}  // namespace imednet::table
