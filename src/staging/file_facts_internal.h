// file_facts_internal.h: what a finished Parquet file says, and the names of the metadata in which it says it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "staging/content_hash.h"
#include "staging/part_file_internal.h"
#include "staging/staged_file.h"
#include "table/layout.h"

namespace parquet {
class FileMetaData;
}  // namespace parquet

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

// Reads everything again: the bytes for their hash, the footer for counts, the row hashes and ids for the content.
// `path` is for the answer and the messages only.
StagedFile read_facts(Descriptor file, const std::filesystem::path& path, const table::Layout& layout);

// A text of the file's metadata; corrupt when there is none.
std::string metadata_value(const parquet::FileMetaData& footer, std::string_view key, const std::filesystem::path& path);

[[noreturn]] void throw_corrupt(const std::filesystem::path& path, std::string_view cause);

}  // namespace imednet::staging
