// parquet_folder.h: a folder of staged files that is replaced as a whole.
//
// Rule:    New files grow in a private folder beside the target ("<parent>/.imednet-parquet-<pid>-<random>", gone on every way out). The
//          two change places in one step where the file system can do that (Linux: RENAME_EXCHANGE), else in two. A folder is ours when it
//          is empty or its _manifest.json names all that is in it and below; a symbolic link in it is never ours.
// Errors:  ExportConfigurationError (config: not ours; io), ImednetError (io, no_space).
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/temporary_directory.h"
#include "staging/staged_file.h"
#include "table/layout.h"

namespace imednet::sinks::parquet {

// Files that belong together, and what the manifest says of them besides.
struct FolderPart {
  std::vector<std::pair<std::string, std::string>> about{};  // "form_key", "AE"
  const std::vector<staging::StagedFile>* files = nullptr;
  bool counts = true;  // its rows are records
};

struct FolderContent {
  std::string study;
  const table::Layout* layout = nullptr;  // the name and version that stand in the manifest
  std::vector<FolderPart> parts{};
};

class ParquetFolder {
 public:
  // Looks at the target; writes nothing into it.
  explicit ParquetFolder(std::filesystem::path target);

  const std::filesystem::path& target() const noexcept { return target_; }
  // Where the files are to be staged.
  const std::filesystem::path& staging() const noexcept { return staging_; }
  // A private folder on the same file system, which nobody sees; gone with this.
  const std::filesystem::path& beside() const noexcept { return beside_.path(); }
  // These, which lie in or below staging(), are what the target holds from now on.
  void publish(const FolderContent& content);

 private:
  std::filesystem::path target_;
  core::TemporaryDirectory beside_;
  std::filesystem::path staging_;
};

}  // namespace imednet::sinks::parquet
