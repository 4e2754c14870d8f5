#include "staging/row_chunks.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/util/compression.h>

#include <utility>

#include "table/arrow_errors_internal.h"
#include "table/memory_internal.h"
#include "table/records_schema.h"

namespace imednet::staging {
namespace {

constexpr std::string_view kAction = "keep rows that wait";

arrow::ipc::IpcWriteOptions packing() {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec = table::value_of(arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME), kAction);
  options.memory_pool = table::memory_pool();
  options.use_threads = false;
  return options;
}

}  // namespace

RowChunks::RowChunks(std::string study_key, const RowPlaces& places, const ChunkLimits& limits)
    : builder_(std::move(study_key)), places_(places), limits_(limits) {}

bool RowChunks::append(const api::RecordView& record) {
  builder_.append(record);
  ++rows_;
  const bool ends_batch = (places_.first + rows_) % places_.batch_size == 0;
  return ends_batch || builder_.rows() >= limits_.rows || builder_.bytes() >= limits_.bytes;
}

RowChunk RowChunks::take() {
  const std::int64_t end = places_.first + rows_;
  const bool ends_batch = end % places_.batch_size == 0 && (places_.end < 0 || end < places_.end);
  const std::size_t bytes = builder_.bytes();
  return {.rows = builder_.finish(), .bytes = bytes, .ends_batch = ends_batch};
}

std::shared_ptr<arrow::Buffer> pack_rows(const arrow::RecordBatch& rows) {
  return table::value_of(arrow::ipc::SerializeRecordBatch(rows, packing()), kAction);
}

std::shared_ptr<arrow::RecordBatch> unpack_rows(const std::shared_ptr<arrow::Buffer>& packed,
                                                const std::shared_ptr<arrow::Schema>& schema) {
  arrow::io::BufferReader reader(packed);
  const arrow::ipc::DictionaryMemo no_dictionaries;
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = table::memory_pool();
  options.use_threads = false;
  return table::value_of(arrow::ipc::ReadRecordBatch(schema, &no_dictionaries, options, &reader), kAction);
}

PackedChunk::PackedChunk(const RowChunk& chunk)
    : buffer_(pack_rows(*chunk.rows)), plain_bytes_(chunk.bytes), ends_batch_(chunk.ends_batch) {}

std::size_t PackedChunk::bytes() const { return static_cast<std::size_t>(buffer_->size()); }

RowChunk PackedChunk::unpack() const {
  return {.rows = unpack_rows(buffer_, table::records_schema()), .bytes = plain_bytes_, .ends_batch = ends_batch_};
}

}  // namespace imednet::staging
