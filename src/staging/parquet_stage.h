// parquet_stage.h: one batch of rows into one Parquet file, complete or not there at all.
//
// Where it stands: RecordsBuilder → this → StagedFile → sink.   Uses: Arrow and Parquet (in the .cc only).
// Memory: a row group's compressed pages, and of each column the page that is being filled.
// Format: docs/formats/staged-file.md. The same rows in the same batches give the same bytes, whenever and wherever.
#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "staging/staged_file.h"
#include "table/records_layout.h"

namespace imednet::staging {

// A row group ends with the batch of rows that reaches either.
struct RowGroupLimits {
  std::int64_t rows = 10'000;
  std::size_t bytes = 16u << 20;  // in memory, before compression
};

// What the file says about itself, besides its rows.
struct FileMetadata {
  std::string study_key{};
  const table::Layout* layout = &table::records_layout();  // outlives the writer
  int compression_level = 3;                               // of zstd
  RowGroupLimits row_groups{};
};

class BatchFileWriter {
 public:
  // Makes `directory` (0700) and its parents when missing and opens "<file name>.part" (0600) in it. Throws ExportError:
  // io, no_space, conflict when another process is writing the same batch there, invalid_argument for the batch id.
  BatchFileWriter(std::filesystem::path directory, std::string batch_id, FileMetadata metadata);
  ~BatchFileWriter();  // removes an unfinished .part
  BatchFileWriter(BatchFileWriter&&) noexcept;
  BatchFileWriter& operator=(BatchFileWriter&&) noexcept;

  // The next rows, about so many bytes in memory. The schema must be the layout's (schema_mismatch otherwise).
  void write(const arrow::RecordBatch& batch, std::size_t bytes = 0);

  std::int64_t rows() const;

  // Closes and syncs the file, reads its facts back from disk, compares them with what was written (corrupt otherwise)
  // and gives it its name, in place of an older file of the same name. Call once; nothing may be written after it.
  StagedFile finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The facts of a finished file of that layout, from the file alone. Throws ExportError: io, corrupt when it is not a whole Parquet
// file of ours, unsupported for another layout or version.
StagedFile read_staged_file(const std::filesystem::path& path, const table::Layout& layout = table::records_layout());

}  // namespace imednet::staging
