// file_hashes.h: the rows of a finished file of any layout by id: the hash that stands in each, and the one that its values have.
//
// Memory: one row group.   Errors: ExportError io, corrupt when it is not a whole Parquet file of that layout.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "table/layout.h"

namespace imednet::staging {

class FileHashes {
 public:
  // The layout outlives it.
  FileHashes(const std::filesystem::path& path, const table::Layout& layout);
  // Of whatever layout the file says it has.
  explicit FileHashes(const std::filesystem::path& path);
  ~FileHashes();
  FileHashes(FileHashes&&) noexcept;
  FileHashes& operator=(FileHashes&&) noexcept;

  // False behind the last one.
  bool next();
  // Of the row at hand; views, until the next call of any of these.
  std::int64_t id() const;
  std::string_view form_key() const;
  std::string_view stored() const;
  std::string_view computed();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::staging
