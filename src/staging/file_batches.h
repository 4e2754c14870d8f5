// file_batches.h: the rows of a finished file as Arrow batches, one row group after the other.
//
// Memory: one row group.   Errors: ExportError io, corrupt when it is not a whole Parquet file of ours.
#pragma once

#include <arrow/type_fwd.h>

#include <filesystem>
#include <memory>

#include "table/records_layout.h"

namespace imednet::staging {

class FileBatches {
 public:
  explicit FileBatches(std::filesystem::path path, const table::Layout& layout = table::records_layout());
  ~FileBatches();
  FileBatches(FileBatches&&) noexcept;
  FileBatches& operator=(FileBatches&&) noexcept;

  // Null behind the last one.
  std::shared_ptr<arrow::RecordBatch> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::staging
