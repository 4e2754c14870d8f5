#include "staging/batch_files.h"

#include <arrow/record_batch.h>

#include <utility>

#include "staging/batch_names.h"

namespace imednet::staging {

BatchFiles::BatchFiles(BatchSeries series, std::int64_t first_number) : series_(std::move(series)), next_number_(first_number) {}

void BatchFiles::append(const RowChunk& chunk) {
  if (chunk.rows->num_rows() > 0) {
    if (!writer_) {
      writer_.emplace(series_.directory, make_batch_id(series_.study_key, series_.name, next_number_++),
                      FileMetadata{.study_key = series_.study_key, .row_groups = series_.limits});
    }
    writer_->write(*chunk.rows, chunk.bytes);
  }
  if (chunk.ends_batch) close_batch();
}

void BatchFiles::close_batch() {
  if (!writer_) return;
  finished_.push_back(writer_->finish());
  writer_.reset();
}

std::vector<StagedFile> BatchFiles::take_finished() { return std::exchange(finished_, {}); }

std::vector<StagedFile> BatchFiles::finish() {
  close_batch();
  return take_finished();
}

}  // namespace imednet::staging
