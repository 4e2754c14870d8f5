// batch_files.h: chunks of rows into the files of batches, one after the other.
//
// Where it stands: RowChunk → this (BatchFileWriter) → StagedFile.   Memory: the pages of one row group, compressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "staging/parquet_stage.h"
#include "staging/row_chunks.h"
#include "staging/staged_file.h"

namespace imednet::staging {

inline constexpr std::string_view kAllRecords = "records";
inline constexpr std::string_view kChangedRecords = "since";  // a batch of these does not stand for a range of ids

// Where files go, and how they are called: "<STUDY>/<series>/<n>".
struct BatchSeries {
  std::filesystem::path directory;
  std::string study_key;
  std::string_view name = kAllRecords;
  RowGroupLimits limits{};
};

class BatchFiles {
 public:
  // Nothing is opened or made before the first row.
  BatchFiles(BatchSeries series, std::int64_t first_number);

  void append(const RowChunk& chunk);
  // The files that became complete since the last call, oldest first.
  std::vector<StagedFile> take_finished();
  // Completes the last batch; the files not yet taken. No rows, no files.
  std::vector<StagedFile> finish();

 private:
  void close_batch();

  BatchSeries series_;
  std::int64_t next_number_;
  std::optional<BatchFileWriter> writer_;
  std::vector<StagedFile> finished_;
};

}  // namespace imednet::staging
