// manifest.h: the file that says which batch was loaded from which staged file: JSON lines, append only.
//
// Shape:  one object a line: batch_id, stage_path, row_count, loaded_at (the guide's four, in its order), then sha256, bytes,
//         hash, table, run_id, status, checksum. A line is on disk before its batch counts as done. Never record contents.
// Units:  loaded_at is UTC to the second with +00:00; row_count is what the destination counted; bytes of the finished file.
// Errors: ImednetError io / no_space (hint: --manifest-path); corrupt for a line in the middle that is no manifest line.
// Source: the Snowflake export guide ("Manifest output"); docs/formats/manifest.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::ledger {

struct ManifestLine {
  std::string batch_id, stage_path;
  std::int64_t row_count = 0;
  std::string loaded_at, sha256;
  std::int64_t bytes = 0;
  std::string hash, table, run_id, status;
  std::string checksum{};  // of its rows as the destination holds them; empty: none was taken
};

class ManifestWriter {
 public:
  // Opens (or makes, 0600) the file for appending; its folder must exist.
  explicit ManifestWriter(std::filesystem::path path);
  ~ManifestWriter();
  ManifestWriter(const ManifestWriter&) = delete;
  ManifestWriter& operator=(const ManifestWriter&) = delete;
  // Written and synced when this returns.
  void append(const ManifestLine& line);

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

struct Manifest {
  std::vector<ManifestLine> lines;
  bool has_cut_line = false;  // a line was cut off by a crash and is left out
};

Manifest read_manifest(const std::filesystem::path& path);
// The same of a text that was read already; `path` is for messages.
Manifest parse_manifest(std::string_view text, const std::filesystem::path& path);

// A whole small text file of this machine. `what` it is, for messages. Throws ImednetError (io).
std::string read_text_file(const std::filesystem::path& path, std::string_view what);

// Throws as the next one would where its folder is missing or can't be written, or where a folder stands in its place. Leaves no file.
void require_replaceable(const std::filesystem::path& path);

// Replaces a small text file: temporary name, sync, rename.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

}  // namespace imednet::ledger
