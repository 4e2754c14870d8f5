#include "cli/output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "imednet/errors.h"

namespace imednet::cli {
namespace {

bool judge(bool is_written) {
  if (is_written) return true;
  if (errno == EPIPE) return false;
  throw ImednetError(fmt::format("cannot write to standard output: {}", std::strerror(errno)),
                     {.code = errno == ENOSPC ? errors::ErrorCode::no_space : errors::ErrorCode::io, .origin = {.system = "local"}});
}

}  // namespace

bool write_out(std::string_view text) { return judge(std::fwrite(text.data(), 1, text.size(), stdout) == text.size()); }

void write_err(std::string_view text) noexcept {
  [[maybe_unused]] const std::size_t written = std::fwrite(text.data(), 1, text.size(), stderr);
}

bool flush_out() { return judge(std::fflush(stdout) == 0); }

}  // namespace imednet::cli
