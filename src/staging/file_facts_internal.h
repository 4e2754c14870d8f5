// file_facts_internal.h: what a finished Parquet file says, and the names of the metadata in which it says it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "staging/part_file_internal.h"
#include "staging/staged_file.h"

namespace imednet::staging {

// docs/formats/staged-file.md, "Metadata"
inline constexpr std::string_view kFormatKey = "imednet.staged_file";
inline constexpr std::string_view kFormatVersion = "1";
inline constexpr std::string_view kStudyKey = "imednet.study_key";
inline constexpr std::string_view kBatchKey = "imednet.batch_id";
inline constexpr std::string_view kLayoutKey = "imednet.layout";
inline constexpr std::string_view kLayoutVersionKey = "imednet.layout_version";
inline constexpr std::string_view kContentHashKey = "imednet.content_hash";
inline constexpr std::string_view kWriterKey = "imednet.writer";

// Hash of the rows of a file: independent of how they are cut into row groups.
class ContentHash {
 public:
  ContentHash(std::string_view layout, int layout_version);
  void add(std::string_view row_hash) { digest_.update(row_hash); }
  std::string finish() { return core::hex(digest_.finish(), 16); }

 private:
  core::Sha256 digest_;
};

// Reads everything again: the bytes for their hash, the footer for counts, the row hashes and ids for the content.
// `path` is for the answer and the messages only.
StagedFile read_facts(Descriptor file, const std::filesystem::path& path);

[[noreturn]] void throw_corrupt(const std::filesystem::path& path, std::string_view cause);

}  // namespace imednet::staging
