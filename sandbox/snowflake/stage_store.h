#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace imednet::sandbox::snowflake {

struct StagedFile {
  std::string path;  // inside the stage, parts joined by '/'
  int64_t size = 0;
  std::string md5;
  int64_t modified_us = 0;
};

// The files of all stages, one directory a stage. The directory is all it knows: a file is there
// because a client copied it there.
class StageStore {
 public:
  explicit StageStore(std::filesystem::path root);

  // Throws SqlError when a part of the path would leave the stage.
  std::filesystem::path resolve(int64_t stage_id, const std::string& path) const;
  // Makes the directory a client copies files to.
  std::filesystem::path upload_directory(int64_t stage_id, const std::string& path) const;
  // Files whose path starts with the prefix, in order of path.
  std::vector<StagedFile> list(int64_t stage_id, const std::string& prefix);
  bool remove(int64_t stage_id, const std::string& path) const;
  void remove_stage(int64_t stage_id) const;

 private:
  std::string md5_of(const std::filesystem::path& file, int64_t size, int64_t modified_ns);

  std::filesystem::path root_;
  std::mutex mutex_;
  // Digests already computed, by path, size and time of change.
  std::map<std::tuple<std::string, int64_t, int64_t>, std::string> digests_;
};

// "Mon, 23 Nov 2026 08:00:00 GMT"
std::string rfc1123(int64_t us);

}  // namespace imednet::sandbox::snowflake
