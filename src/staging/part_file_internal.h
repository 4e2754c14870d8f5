// part_file_internal.h: a file that gets its name only when it is complete. POSIX only, no Parquet.
//
// Others in the same directory see either the older file or the whole new one. Nothing here follows a symbolic link to a
// file; the directory itself may be reached through one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/file.h"

namespace imednet::staging {

using core::Descriptor;

// "cannot <action> <object>: <what errno says>" as ExportError: no_space for a full disk or quota, else io.
[[noreturn]] void throw_file_error(std::string_view action, const std::filesystem::path& object, int error_number);

// Opens a regular file for reading; a symbolic link is refused.
Descriptor open_for_reading(const std::filesystem::path& path);

class PartFile {
 public:
  // Makes the directory and its missing parents (0700), then "<name>.part" in it (0600, new). A .part left behind by a
  // process that is gone is removed; one that is being written now is ErrorCode::conflict.
  PartFile(std::filesystem::path directory, std::string name);
  ~PartFile();  // removes the .part unless it was published
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  int descriptor() const { return file_.get(); }
  std::filesystem::path path() const { return directory_ / name_; }  // the final one

  void sync();                      // the content is on disk
  Descriptor reopen_for_reading();  // by name: what others would see
  void publish();                   // gives it its name, in place of an older file, and syncs the directory

 private:
  void open_directory();
  void refuse_odd_target();
  void open_part();
  bool still_named() const;

  std::filesystem::path directory_;
  std::string name_, part_name_;
  Descriptor folder_, file_;
  bool owned_ = false;  // the .part on disk is ours to remove
};

}  // namespace imednet::staging
