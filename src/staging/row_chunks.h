// row_chunks.h: a stream of records into chunks of rows that are cut by the rows' places alone.
//
// Where it stands: RecordView → this (RecordsBuilder) → RowChunk → BatchFiles.   Memory: one chunk.
// Promise: the same records at the same places give the same chunks, whoever builds which of them and when; so do the files.
#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "table/records_builder.h"

namespace imednet::staging {

struct RowCounts {
  std::int64_t rows = 0;
  std::int64_t unreadable_stamps = 0;  // became null
  std::int64_t raw_records = 0;        // kept as text beside the VARIANT

  RowCounts& operator+=(const RowCounts& more) {
    rows += more.rows;
    unreadable_stamps += more.unreadable_stamps;
    raw_records += more.raw_records;
    return *this;
  }
};

struct RowChunk {
  std::shared_ptr<arrow::RecordBatch> rows;
  std::size_t bytes = 0;    // about what it holds in memory
  bool ends_batch = false;  // the batch has no more rows
};

// How much a chunk holds at most; it ends with the record that reaches either.
struct ChunkLimits {
  std::int64_t rows = 1'000;
  std::size_t bytes = 4u << 20;
};

// Where the records of a stream stand among all of a study, counted from 0.
struct RowPlaces {
  std::int64_t first = 0;
  std::int64_t batch_size = 0;
  std::int64_t end = -1;  // the batch that ends there is ended by whoever writes it, as a late record may follow; -1: open
};

class RowChunks {
 public:
  // `study_key`: for records that do not name their own.
  RowChunks(std::string study_key, const RowPlaces& places, const ChunkLimits& limits = {});

  // True: the chunk is to be taken before the next record.
  bool append(const api::RecordView& record);
  // The rows since the last one; may be none.
  RowChunk take();
  RowCounts counts() const { return {rows_, builder_.unreadable_stamps(), builder_.raw_records()}; }

 private:
  table::RecordsBuilder builder_;
  RowPlaces places_;
  ChunkLimits limits_;
  std::int64_t rows_ = 0;
};

// Compressed for a wait, as Arrow's own message of one batch. Rows come back equal.
std::shared_ptr<arrow::Buffer> pack_rows(const arrow::RecordBatch& rows);
std::shared_ptr<arrow::RecordBatch> unpack_rows(const std::shared_ptr<arrow::Buffer>& packed, const std::shared_ptr<arrow::Schema>& schema);

// A chunk of the `records` layout that waits.
class PackedChunk {
 public:
  explicit PackedChunk(const RowChunk& chunk);
  RowChunk unpack() const;
  std::size_t bytes() const;

 private:
  std::shared_ptr<arrow::Buffer> buffer_;
  std::size_t plain_bytes_;
  bool ends_batch_;
};

}  // namespace imednet::staging
