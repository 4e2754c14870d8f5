#include "staging/record_stager.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "api/record_view.h"
#include "imednet/errors.h"
#include "table/records_builder.h"

namespace imednet::staging {
namespace {

constexpr RowPlaces kOneBatch{.batch_size = std::numeric_limits<std::int64_t>::max()};

// A chunk is never larger than a row group.
ChunkLimits chunks_for(const RowGroupLimits& groups) {
  ChunkLimits chunks;
  chunks.rows = std::min(chunks.rows, groups.rows);
  chunks.bytes = std::min(chunks.bytes, groups.bytes);
  return chunks;
}

RowPlaces places_of(const std::string& study_key, std::int64_t batch_size) {
  if (!study_key.empty() && batch_size >= 1) return {.batch_size = batch_size};
  throw errors::ExportError("cannot stage records: the study key is empty or the batch size below 1",
                            errors::ErrorDetail{.code = errors::ErrorCode::invalid_argument});
}

}  // namespace

BatchStager::BatchStager(const std::filesystem::path& directory, std::string batch_id, const std::string& study_key,
                         const RowGroupLimits& limits)
    : chunks_(study_key, kOneBatch, chunks_for(limits)),
      writer_(directory, std::move(batch_id), FileMetadata{.study_key = study_key, .row_groups = limits}) {}

void BatchStager::append(const api::RecordView& record) {
  if (chunks_.append(record)) write();
}

void BatchStager::append(const Record& record) { append(table::view_of(record)); }

void BatchStager::write() {
  const RowChunk chunk = chunks_.take();
  writer_.write(*chunk.rows, chunk.bytes);
}

StagedFile BatchStager::finish() {
  write();
  return writer_.finish();
}

RecordStager::RecordStager(std::filesystem::path directory, const std::string& study_key, std::int64_t batch_size,
                           const RowGroupLimits& limits, std::string_view series)
    : chunks_(study_key, places_of(study_key, batch_size), chunks_for(limits)),
      files_({.directory = std::move(directory), .study_key = study_key, .name = series, .limits = limits}, 0) {}

void RecordStager::append(const api::RecordView& record) {
  if (chunks_.append(record)) files_.append(chunks_.take());
}

void RecordStager::append(const Record& record) { append(table::view_of(record)); }

std::vector<StagedFile> RecordStager::finish() {
  files_.append(chunks_.take());
  return files_.finish();
}

}  // namespace imednet::staging
