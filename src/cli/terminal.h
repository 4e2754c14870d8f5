// terminal.h: what a terminal can do and a pipe can not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imednet::cli {

// Asks on the controlling terminal, echo off. Throws ExportConfigurationError with `hint` when there is no terminal.
std::string ask_without_echo(std::string_view prompt, std::string_view hint);

bool is_terminal(int file) noexcept;

// Columns of a terminal: as it says itself, else by COLUMNS, else 80.
std::size_t terminal_width(int file) noexcept;

// Whether colours belong there: a terminal that is not dumb, and nobody set NO_COLOR (no-color.org: to anything but an empty text).
bool has_colour(int file) noexcept;

// Asks on standard error and reads a line from standard input; true for y or yes, in either case. An end of input is no.
bool ask_yes(std::string_view question);

}  // namespace imednet::cli
