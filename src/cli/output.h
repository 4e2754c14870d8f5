// output.h: standard output as a stream that knows about closed pipes, and words for people on standard error.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace imednet::cli {

// Writes to standard output. False: the reader went away, which is success for a program in a pipe; stop writing.
// Throws ImednetError (io, no_space) for anything else.
bool write_out(std::string_view text);
// Flushes; the same promises.
bool flush_out();

// Writes to standard error. That nobody reads it, or that its disk is full, ends no run: what counts is said by the exit code.
void write_err(std::string_view text) noexcept;
template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  write_err(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace imednet::cli
