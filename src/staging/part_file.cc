#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "imednet/errors.h"
#include "staging/part_file_internal.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::ExportError;
using errors::RetryClass;

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;

void sync_directory(int folder, const std::filesystem::path& name) {
  if (::fsync(folder) != 0 && errno != EINVAL) {  // EINVAL: a file system that can't sync a directory
    throw_file_error("sync directory", name, errno);
  }
}

// Makes `path` and what is missing above it. A new entry is synced into its parent, as the files in it will be.
void make_directories(const std::filesystem::path& path) {
  if (path.empty() || std::filesystem::is_directory(path)) {
    return;
  }
  const std::filesystem::path parent = path.has_filename() ? path.parent_path() : path.parent_path().parent_path();
  make_directories(parent);
  if (::mkdir(path.c_str(), kDirectoryMode) != 0) {
    if (errno == EEXIST && std::filesystem::is_directory(path)) {
      return;  // somebody else was faster, or "a/b/" after "a/b"
    }
    throw_file_error("make directory", path, errno);
  }
  const std::filesystem::path above = parent.empty() ? "." : parent;
  const Descriptor folder(::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) {
    sync_directory(folder.get(), above);
  }
}

}  // namespace

void throw_file_error(std::string_view action, const std::filesystem::path& object, int error_number) {
  ErrorDetail detail{.code = core::code_of_errno(error_number), .origin = {.system = "local"}};
  if (detail.code == ErrorCode::no_space) {
    detail.hint = "free space there or choose another directory for staged files";
  } else if (error_number == ELOOP) {
    detail.hint = "a symbolic link stands where a staged file belongs: remove it or choose another directory";
  }
  throw ExportError(fmt::format("cannot {} {}: {}", action, object.string(), std::generic_category().message(error_number)),
                    std::move(detail));
}

Descriptor open_for_reading(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) {
    throw_file_error("open staged file", path, errno);
  }
  if (!S_ISREG(facts.st_mode)) {
    throw_file_error("open staged file", path, EINVAL);
  }
  return file;
}

PartFile::PartFile(std::filesystem::path directory, std::string name)
    : directory_(std::move(directory)), name_(std::move(name)), part_name_(name_ + ".part") {
  open_directory();
  refuse_odd_target();
  open_part();
}

PartFile::~PartFile() {
  if (owned_ && still_named()) {
    ::unlinkat(folder_.get(), part_name_.c_str(), 0);
  }
}

void PartFile::open_directory() {
  make_directories(directory_);
  const char* const path = directory_.empty() ? "." : directory_.c_str();
  folder_ = Descriptor(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_.get() < 0) {
    throw_file_error("open directory", directory_, errno);
  }
}

// An older staged file is replaced; anything that is not a plain file was not put there by us.
void PartFile::refuse_odd_target() {
  struct stat facts {};
  if (::fstatat(folder_.get(), name_.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) {
      return;
    }
    throw_file_error("write staged file", path(), errno);
  }
  if (!S_ISREG(facts.st_mode)) {
    throw_file_error("write staged file", path(), S_ISLNK(facts.st_mode) ? ELOOP : EEXIST);
  }
}

// The lock tells a living writer from a dead one's leftover; whoever holds it owns the name.
void PartFile::open_part() {
  constexpr int kFlags = O_NOFOLLOW | O_CLOEXEC | O_RDWR;
  const std::filesystem::path part_path = directory_ / part_name_;
  const Descriptor leftover(::openat(folder_.get(), part_name_.c_str(), kFlags | O_NONBLOCK));
  const auto refuse_busy = [&] {
    throw ExportError(fmt::format("cannot write staged file {}: another process is writing it", path().string()),
                      ErrorDetail{.code = ErrorCode::conflict,
                                  .hint = "wait for the other run or choose another directory for staged files",
                                  .retry = RetryClass::backoff,
                                  .origin = {.system = "local"}});
  };
  if (leftover.get() >= 0) {
    if (::flock(leftover.get(), LOCK_EX | LOCK_NB) != 0) {
      refuse_busy();
    }
    ::unlinkat(folder_.get(), part_name_.c_str(), 0);
  } else if (errno != ENOENT) {
    throw_file_error("write staged file", part_path, errno);
  }
  file_ = Descriptor(::openat(folder_.get(), part_name_.c_str(), kFlags | O_CREAT | O_EXCL, kFileMode));
  if (file_.get() < 0) {
    if (errno == EEXIST) {
      refuse_busy();
    }
    throw_file_error("write staged file", part_path, errno);
  }
  // Between the two calls another process may have taken ours for a leftover.
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0 || !still_named()) {
    refuse_busy();
  }
  owned_ = true;
}

// Is the .part on disk the file we hold open?
bool PartFile::still_named() const {
  struct stat ours {
  }, theirs{};
  return ::fstat(file_.get(), &ours) == 0 && ::fstatat(folder_.get(), part_name_.c_str(), &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

void PartFile::sync() {
  if (::fsync(file_.get()) != 0) {
    throw_file_error("sync staged file", path(), errno);
  }
}

Descriptor PartFile::reopen_for_reading() {
  if (!still_named()) {
    throw ExportError(fmt::format("cannot finish staged file {}: it was removed while it was written", path().string()),
                      ErrorDetail{.code = ErrorCode::io, .origin = {.system = "local"}});
  }
  Descriptor again(::openat(folder_.get(), part_name_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (again.get() < 0) {
    throw_file_error("read back staged file", path(), errno);
  }
  return again;
}

void PartFile::publish() {
  if (::renameat(folder_.get(), part_name_.c_str(), folder_.get(), name_.c_str()) != 0) {
    throw_file_error("name staged file", path(), errno);
  }
  owned_ = false;
  file_ = Descriptor();
  sync_directory(folder_.get(), directory_);
}

}  // namespace imednet::staging
