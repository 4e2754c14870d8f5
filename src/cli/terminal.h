// terminal.h: what a terminal can do and a pipe can not.
#pragma once

#include <string>
#include <string_view>

namespace imednet::cli {

// Asks on the controlling terminal, echo off. Throws ExportConfigurationError with `hint` when there is no terminal.
std::string ask_without_echo(std::string_view prompt, std::string_view hint);

bool is_terminal(int file) noexcept;

// Asks on standard error and reads a line from standard input; true for y or yes, in either case. An end of input is no.
bool ask_yes(std::string_view question);

}  // namespace imednet::cli
