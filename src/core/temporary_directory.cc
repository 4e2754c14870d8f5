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
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/failpoint.h"
#include "core/file.h"
#include "core/plain_path.h"
#include "imednet/errors.h"

namespace imednet::core {
namespace {

constexpr const char* kLockName = ".lock";
constexpr const char* kLockInTheMaking = ".lock.new";
constexpr std::size_t kRandomBytes = 8;

[[noreturn]] void throw_io(const std::filesystem::path& path, int error) {
  throw ImednetError(
      fmt::format("cannot make the temporary folder {}: {}", path.string(), std::strerror(error)),
      {.code = code_of_errno(error), .hint = "set TMPDIR to a folder that can be written and has room", .origin = {.system = "local"}});
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
  // Held before it gets the name others look for: a lock that is seen free has no living owner.
  const std::filesystem::path made = path_ / kLockInTheMaking;
  lock_ = open(made.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0 || flock(lock_, LOCK_EX | LOCK_NB) != 0 || rename(made.c_str(), (path_ / kLockName).c_str()) != 0) {
    const int error = errno;
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    if (lock_ >= 0) close(lock_);
    throw_io(path_, error);
  }
  failpoint(Failpoint::folder_made);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  failpoint(Failpoint::folder_remove);
  std::filesystem::remove_all(path_, ignored);
  failpoint(Failpoint::folder_removed);
  if (lock_ >= 0) close(lock_);
}

std::vector<std::filesystem::path> find_leftovers(const std::filesystem::path& root, std::string_view prefix) noexcept {
  std::vector<std::filesystem::path> found;
  try {
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
      const std::string name = entry.path().filename().string();
      if (is_our_name(name, prefix) && is_own_directory(entry.path()) && is_abandoned(entry.path())) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
  } catch (const std::exception&) {
    // Tidying up after others must not stop this run.
  }
  return found;
}

void remove_leftovers(const std::filesystem::path& root, std::string_view prefix) noexcept {
  for (const std::filesystem::path& path : find_leftovers(root, prefix)) {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
}

std::filesystem::path temporary_root() {
  const char* value = std::getenv("TMPDIR");
  const std::string root = value == nullptr ? "" : value;
  return root.starts_with('/') && is_plain_path(root) ? root : "/tmp";
}

}  // namespace imednet::core
