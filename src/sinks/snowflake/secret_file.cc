#include "sinks/snowflake/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kBytesMax = 65'536;  // a key is a few KB; a mistaken path may be anything

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view what, std::string_view cause) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot read the {} in {}: {}", what, file.string(), cause),
      {.code = errors::ErrorCode::config,
       .hint = fmt::format("name a file that this user may read; look with: ls -l {}", quoted_for_shell(file.string()))});
}

}  // namespace

Secret read_secret_file(const std::filesystem::path& file, std::string_view what) {
  // Not blocking: a pipe that nobody writes to would be waited for until the end of time.
  const int opened = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) refuse(file, what, std::strerror(errno));
  std::string bytes(kBytesMax + 1, '\0');
  std::size_t size = 0;
  int error = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(opened, bytes.data() + size, bytes.size() - size);
    if (got == 0) break;
    if (got > 0) size += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) {
      error = errno;
      break;
    }
  }
  close(opened);
  const bool is_too_large = size > kBytesMax;
  Secret secret(bytes.substr(0, size));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (error != 0) refuse(file, what, std::strerror(error));
  if (is_too_large) refuse(file, what, "it is too large");
  if (size == 0) refuse(file, what, "it is empty");
  return secret;
}

std::string quoted_for_shell(std::string_view path) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-+@";
  if (!path.empty() && path.find_first_not_of(kPlain) == std::string_view::npos) return std::string(path);
  std::string quoted = "'";
  for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace imednet::sinks::snowflake
