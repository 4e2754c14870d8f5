// folder_files.h: what a folder of Parquet files says of itself in its manifest, and whether it is so.
//
// Errors: ExportConfigurationError (io) for a folder that can't be listed; ExportError io for a file that can't be read.
// Source: docs/export-parquet.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::sinks::parquet {

inline constexpr std::string_view kManifestName = "_manifest.json";

struct ListedFile {
  std::string name;  // the path below the folder
  std::string batch_id, sha256;
  std::optional<std::string> form_key{}, dimension{};  // of typed files
  std::int64_t rows = 0, bytes = 0, first_record_id = 0, last_record_id = 0;
};

struct FolderManifest {
  std::string text;           // as it is; empty: there is none
  std::string study, layout;  // empty where it does not say
  std::vector<ListedFile> files{};
  bool is_whole = false;  // it is JSON, and says of study, layout and every file what a manifest says
};

FolderManifest read_manifest(const std::filesystem::path& folder);

// What is in or below the folder and not among these files, a symbolic link for one.
std::vector<std::string> strangers(const std::filesystem::path& folder, const std::vector<ListedFile>& files);

// What is wrong with a file, for people; empty: size and SHA-256 are the manifest's.
std::string fault_of(const std::filesystem::path& folder, const ListedFile& file);

}  // namespace imednet::sinks::parquet
