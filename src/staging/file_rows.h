// file_rows.h: the rows of a finished file, one after the other.
//
// Memory: one row group.   Errors: ExportError io, corrupt when it is not a whole Parquet file of ours.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "table/row_hash.h"

namespace imednet::staging {

class FileRows {
 public:
  explicit FileRows(const std::filesystem::path& path);
  ~FileRows();
  FileRows(FileRows&&) noexcept;
  FileRows& operator=(FileRows&&) noexcept;

  // False behind the last one.
  bool next();
  // Views, until the next call of next().
  const table::RecordRow& row() const;
  std::string_view hash() const;  // the one that stands in the file

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::staging
