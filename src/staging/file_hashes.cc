#include "staging/file_hashes.h"

#include <arrow/record_batch.h>

#include <optional>
#include <utility>

#include "staging/file_batches.h"
#include "staging/file_layout.h"
#include "table/hashed_rows.h"

namespace imednet::staging {

struct FileHashes::State {
  FileBatches batches;
  table::HashedRows rows;
  std::shared_ptr<arrow::RecordBatch> batch{};
  std::int64_t row = -1;
  std::optional<FileLayout> own{};  // what the others refer to
};

FileHashes::FileHashes(const std::filesystem::path& path, const table::Layout& layout)
    : state_(std::make_unique<State>(State{.batches = FileBatches(path, layout), .rows = table::HashedRows(layout)})) {}
FileHashes::FileHashes(const std::filesystem::path& path) {
  FileLayout own(path);
  const table::Layout& layout = own.layout();
  state_ = std::make_unique<State>(State{.batches = FileBatches(path, layout), .rows = table::HashedRows(layout), .own = std::move(own)});
}
FileHashes::~FileHashes() = default;
FileHashes::FileHashes(FileHashes&&) noexcept = default;
FileHashes& FileHashes::operator=(FileHashes&&) noexcept = default;

bool FileHashes::next() {
  ++state_->row;
  while (state_->batch == nullptr || state_->row == state_->rows.size()) {
    state_->batch = state_->batches.next();
    if (state_->batch == nullptr) return false;
    state_->rows.open(*state_->batch);
    state_->row = 0;
  }
  return true;
}

std::int64_t FileHashes::id() const { return state_->rows.id(state_->row); }
std::string_view FileHashes::form_key() const { return state_->rows.form_key(state_->row); }
std::string_view FileHashes::stored() const { return state_->rows.stored(state_->row); }
std::string_view FileHashes::computed() { return state_->rows.computed(state_->row); }

}  // namespace imednet::staging
