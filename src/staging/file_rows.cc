#include "staging/file_rows.h"

#include <arrow/record_batch.h>

#include <optional>

#include "staging/file_batches.h"
#include "table/record_rows.h"

namespace imednet::staging {

struct FileRows::State {
  FileBatches batches;
  std::shared_ptr<arrow::RecordBatch> batch{};
  std::optional<table::RecordRows> rows{};
  std::int64_t number = 0;
  table::RecordRow row{};

  bool next() {
    while (!rows || number == rows->size()) {
      batch = batches.next();
      if (batch == nullptr) return false;
      rows.emplace(*batch);
      number = 0;
    }
    row = rows->row(number++);
    return true;
  }
};

FileRows::FileRows(const std::filesystem::path& path) : state_(std::make_unique<State>(State{.batches = FileBatches(path)})) {}
FileRows::~FileRows() = default;
FileRows::FileRows(FileRows&&) noexcept = default;
FileRows& FileRows::operator=(FileRows&&) noexcept = default;

bool FileRows::next() { return state_->next(); }
const table::RecordRow& FileRows::row() const { return state_->row; }
std::string_view FileRows::hash() const { return state_->rows->hash(state_->number - 1); }

}  // namespace imednet::staging
