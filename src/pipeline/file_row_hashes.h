// file_row_hashes.h: the rows of a set of files of any layout, by rising id.
//
// Memory: one row group.   Errors: as staging::FileHashes; unsupported for files whose rows are not by id.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sinks/study_load.h"
#include "staging/file_hashes.h"

namespace imednet::pipeline {

std::vector<std::filesystem::path> places_of(const sinks::Files& files);

class FileRowHashes {
 public:
  // The files by rising ids; the layout outlives this.
  FileRowHashes(std::vector<std::filesystem::path> files, const table::Layout& layout) : files_(std::move(files)), layout_(&layout) {}
  // Each of the layout that it says it has.
  explicit FileRowHashes(std::vector<std::filesystem::path> files) : files_(std::move(files)) {}

  // Goes to the next row and says its id; nullopt behind the last one.
  std::optional<std::int64_t> next();
  std::string_view form_key() const { return rows_->form_key(); }
  std::string_view stored() const { return rows_->stored(); }
  std::string_view computed() { return rows_->computed(); }

 private:
  std::vector<std::filesystem::path> files_;
  const table::Layout* layout_ = nullptr;
  std::size_t next_file_ = 0;
  std::optional<staging::FileHashes> rows_;
  std::optional<std::int64_t> id_;
};

}  // namespace imednet::pipeline
