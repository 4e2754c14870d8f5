// display_text.h: text from elsewhere as a terminal shows it: how wide it is, cut to fit, and unable to speak to the terminal.
//
// Promise: what harmless_text() gives holds no control character (C0, DEL, C1), nothing that turns the direction of writing or breaks a
//          line, and is proper UTF-8; whatever was not stands there as \n, \t, \x.. or \u.....
// Source:  Unicode 14.0; the widths are those of a terminal without a locale of East Asia.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imednet::cli {

std::string harmless_text(std::string_view text);

// Columns of a terminal. `text`: proper UTF-8.
std::size_t display_width(std::string_view text);

// At most so many columns, the last one an ellipsis where something had to go. `text`: proper UTF-8.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace imednet::cli
