#include "core/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/plain_path.h"
#include "imednet/errors.h"

namespace imednet::core {
namespace {

constexpr std::size_t kBytesMax = 65'536;  // a key is a few KB; a mistaken path may be anything

// True when there is something to read, or an end to see.
bool comes_within(int file, std::chrono::milliseconds wait) {
  pollfd asked{.fd = file, .events = POLLIN, .revents = 0};
  return poll(&asked, 1, static_cast<int>(wait.count())) != 0;
}

// Fills `bytes` as far as the file goes and says how far; else why not.
std::size_t fill(int file, std::string& bytes, std::chrono::milliseconds wait, std::string& cause) {
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(file, bytes.data() + size, bytes.size() - size);
    if (got == 0) return size;
    if (got > 0) size += static_cast<std::size_t>(got);
    if (got > 0 || errno == EINTR) continue;
    if (errno != EAGAIN) {
      cause = std::strerror(errno);
      return size;
    }
    if (!comes_within(file, wait)) {
      cause = "its writer sends nothing";
      return size;
    }
  }
  cause = "it is too large";
  return size;
}

}  // namespace

SecretFile read_secret_bytes(const std::filesystem::path& path, std::chrono::milliseconds wait) {
  SecretFile result;
  // Not blocking: a pipe that nobody writes to would be waited for until the end of time.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    result.cause = std::strerror(errno);
    return result;
  }
  std::string bytes(kBytesMax + 1, '\0');
  const std::size_t size = fill(file, bytes, wait, result.cause);
  close(file);
  if (result.cause.empty()) result.bytes = Secret(bytes.substr(0, size));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return result;
}

Secret read_key_file(const std::filesystem::path& file, std::string_view what) {
  SecretFile read = read_secret_bytes(file);
  if (read.cause.empty() && read.bytes.empty()) read.cause = "it is empty";
  if (read.cause.empty()) return std::move(read.bytes);
  throw errors::ExportConfigurationError(
      fmt::format("cannot read the {} in {}: {}", what, file.string(), read.cause),
      {.code = errors::ErrorCode::config,
       .hint = fmt::format("name a file that this user may read; look with: ls -l {}", quoted_for_shell(file.string()))});
}

}  // namespace imednet::core
