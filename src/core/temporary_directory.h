// temporary_directory.h: a private folder that is gone on every way out, and the removal of those that a killed run left.
//
// Rule: 0700, a plain ASCII name "<prefix>-<pid>-<random>", a ".lock" file inside that a living owner holds by flock. A
//       folder of ours whose lock is free was left behind. Symbolic links are never followed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::core {

class TemporaryDirectory {
 public:
  // Throws ImednetError (io, no_space). Removes leftovers of the same prefix below `root` first.
  TemporaryDirectory(const std::filesystem::path& root, std::string_view prefix);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

// Folders "<prefix>-<pid>-<random>" below `root` that belong to this user and whose lock is free, by name. Never throws.
std::vector<std::filesystem::path> find_leftovers(const std::filesystem::path& root, std::string_view prefix) noexcept;

// Removes folders "<prefix>-<pid>-<random>" below `root` that belong to this user and whose lock is free. Never throws.
void remove_leftovers(const std::filesystem::path& root, std::string_view prefix) noexcept;

// $TMPDIR when its path is plain ASCII without pattern characters, else /tmp.
std::filesystem::path temporary_root();

}  // namespace imednet::core
