// output.h: standard output as a stream that knows about closed pipes.
#pragma once

#include <string_view>

namespace imednet::cli {

// Writes to standard output. False: the reader went away, which is success for a program in a pipe; stop writing.
// Throws ImednetError (io, no_space) for anything else.
bool write_out(std::string_view text);
// Flushes; the same promises.
bool flush_out();

}  // namespace imednet::cli
