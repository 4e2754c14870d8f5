#include "pipeline/local_leftovers.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/clock.h"
#include "core/file.h"
#include "core/run_id.h"
#include "core/temporary_directory.h"

namespace imednet::pipeline {
namespace {

namespace fs = std::filesystem;
using core::Descriptor;
using integrations::LocalLeftover;

constexpr std::string_view kRunFolders = "imednet-run";

Descriptor open_runs(const fs::path& state_directory) {
  return Descriptor(state_directory.empty() ? -1
                                            : open((state_directory / "runs").c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

std::vector<std::string> names_in(const Descriptor& folder) {
  std::vector<std::string> names;
  const int copy = dup(folder.get());
  DIR* stream = copy < 0 ? nullptr : fdopendir(copy);
  if (stream == nullptr) {
    if (copy >= 0) close(copy);
    return names;
  }
  rewinddir(stream);
  while (const dirent* entry = readdir(stream)) names.emplace_back(entry->d_name);
  closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

// A run that lives holds its file locked.
bool is_held(const Descriptor& folder, const std::string& name) {
  const Descriptor file(openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  return file.get() < 0 || flock(file.get(), LOCK_EX | LOCK_NB) != 0;
}

std::string stamp_of(const struct stat& facts) { return core::format_utc(std::chrono::system_clock::from_time_t(facts.st_mtim.tv_sec)); }

bool is_old_state_file(const Descriptor& folder, const std::string& name, std::chrono::system_clock::time_point limit, struct stat& facts) {
  return is_run_state_name(name) && fstatat(folder.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode) &&
         facts.st_uid == geteuid() && std::chrono::system_clock::from_time_t(facts.st_mtim.tv_sec) <= limit && !is_held(folder, name);
}

std::int64_t bytes_below(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code error;
  for (auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
       !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    struct stat facts {};
    if (lstat(entry->path().c_str(), &facts) == 0 && S_ISREG(facts.st_mode)) bytes += facts.st_size;
  }
  return bytes;
}

void throw_cannot_remove(const fs::path& path, const std::string& cause) {
  throw ImednetError(fmt::format("cannot remove {}: {}", path.string(), cause),
                     {.code = errors::ErrorCode::io, .origin = {.system = "local"}});
}

}  // namespace

bool is_run_state_name(std::string_view name) {
  constexpr std::string_view kEnding = ".jsonl";
  return name.ends_with(kEnding) && core::is_run_id(name.substr(0, name.size() - kEnding.size()));
}

std::vector<LocalLeftover> find_local_leftovers(const fs::path& temporary_root, const fs::path& state_directory,
                                                std::chrono::system_clock::time_point limit) {
  std::vector<LocalLeftover> found;
  for (const fs::path& folder : core::find_leftovers(temporary_root, kRunFolders)) {
    struct stat facts {};
    if (lstat(folder.c_str(), &facts) != 0) continue;
    found.push_back({.path = fs::absolute(folder), .last_changed = stamp_of(facts), .bytes = bytes_below(folder), .is_folder = true});
  }
  const Descriptor runs = open_runs(state_directory);
  if (runs.get() < 0) return found;
  for (const std::string& name : names_in(runs)) {
    struct stat facts {};
    if (!is_old_state_file(runs, name, limit, facts)) continue;
    found.push_back({.path = fs::absolute(state_directory / "runs" / name), .last_changed = stamp_of(facts), .bytes = facts.st_size});
  }
  return found;
}

std::int64_t remove_local_leftovers(const std::vector<LocalLeftover>& leftovers, const fs::path& temporary_root,
                                    const fs::path& state_directory, std::chrono::system_clock::time_point limit) {
  std::int64_t gone = 0;
  const std::vector<fs::path> dead = core::find_leftovers(temporary_root, kRunFolders);
  const Descriptor runs = open_runs(state_directory);
  for (const LocalLeftover& leftover : leftovers) {
    if (leftover.is_folder) {
      const bool is_dead = std::any_of(dead.begin(), dead.end(), [&](const fs::path& path) { return fs::absolute(path) == leftover.path; });
      if (!is_dead) continue;
      std::error_code error;
      fs::remove_all(leftover.path, error);
      if (error) throw_cannot_remove(leftover.path, error.message());
    } else {
      const std::string name = leftover.path.filename().string();
      struct stat facts {};
      if (runs.get() < 0 || !is_old_state_file(runs, name, limit, facts)) continue;
      if (unlinkat(runs.get(), name.c_str(), 0) != 0) throw_cannot_remove(leftover.path, std::strerror(errno));
    }
    ++gone;
  }
  return gone;
}

}  // namespace imednet::pipeline
