#include "core/temporary_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "imednet/errors.h"

namespace imednet::core {
namespace {

constexpr const char* kLockName = ".lock";
constexpr std::size_t kRandomBytes = 8;

[[noreturn]] void throw_io(const std::filesystem::path& path, int error) {
  throw ImednetError(fmt::format("cannot make the temporary folder {}: {}", path.string(), std::strerror(error)),
                     {.code = error == ENOSPC || error == EDQUOT ? errors::ErrorCode::no_space : errors::ErrorCode::io,
                      .hint = "set TMPDIR to a folder that can be written and has room",
                      .origin = {.system = "local"}});
}

// Exactly "<prefix>-<pid>-<random>": a person's own "<prefix>-notes" is none of our business.
bool is_our_name(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  const auto random = name.rfind('-');
  if (random == std::string_view::npos || random < 2 || name.front() != '-' || name.size() - random - 1 != 2 * kRandomBytes) return false;
  return name.substr(1, random - 1).find_first_not_of("0123456789") == std::string_view::npos &&
         name.substr(random + 1).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_own_directory(const std::filesystem::path& path) {
  struct stat facts {};
  return lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid();
}

// A folder without a lock file is being made at this moment, or its maker died within an instant: old ones only are taken.
bool is_abandoned(const std::filesystem::path& path) {
  const int lock = open((path / kLockName).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) {
    struct stat facts {};
    return errno == ENOENT && lstat(path.c_str(), &facts) == 0 && time(nullptr) - facts.st_mtime > 3600;
  }
  const bool is_free = flock(lock, LOCK_EX | LOCK_NB) == 0;
  close(lock);
  return is_free;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& root, std::string_view prefix) {
  remove_leftovers(root, prefix);
  std::array<unsigned char, kRandomBytes> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) throw_io(root, EIO);
  std::string name = fmt::format("{}-{}-", prefix, getpid());
  for (const unsigned char byte : random) name += fmt::format("{:02x}", byte);
  path_ = std::filesystem::absolute(root) / name;
  if (mkdir(path_.c_str(), 0700) != 0) throw_io(path_, errno);
  lock_ = open((path_ / kLockName).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0 || flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    if (lock_ >= 0) close(lock_);
    throw_io(path_, error);
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  if (lock_ >= 0) close(lock_);
}

void remove_leftovers(const std::filesystem::path& root, std::string_view prefix) noexcept {
  try {
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
      const std::string name = entry.path().filename().string();
      if (!is_our_name(name, prefix) || !is_own_directory(entry.path()) || !is_abandoned(entry.path())) continue;
      std::error_code ignored;
      std::filesystem::remove_all(entry.path(), ignored);
    }
  } catch (const std::exception&) {
    // Tidying up after others must not stop this run.
  }
}

std::filesystem::path temporary_root() {
  const char* value = std::getenv("TMPDIR");
  const std::string root = value == nullptr ? "" : value;
  const bool is_plain = !root.empty() && root.front() == '/' && std::all_of(root.begin(), root.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-';
  });
  return is_plain ? root : "/tmp";
}

}  // namespace imednet::core
