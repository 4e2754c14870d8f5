#include "table/hashed_rows.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <optional>

#include "imednet/errors.h"
#include "table/named_hash.h"
#include "table/record_rows.h"
#include "table/records_layout.h"
#include "table/row_hash.h"

namespace imednet::table {

struct HashedRows::State {
  const Layout& layout;
  std::optional<RecordRows> records{};
  RowHasher record_hasher{};
  std::optional<NamedHasher> named{};
  arrow::ArrayVector columns{};
  std::int64_t size = 0;
};

HashedRows::HashedRows(const Layout& layout) : state_(std::make_unique<State>(State{.layout = layout})) {
  if (&layout != &records_layout()) state_->named.emplace(layout);
}
HashedRows::~HashedRows() = default;
HashedRows::HashedRows(HashedRows&&) noexcept = default;
HashedRows& HashedRows::operator=(HashedRows&&) noexcept = default;

void HashedRows::open(const arrow::RecordBatch& batch) {
  state_->size = batch.num_rows();
  if (!state_->named) {
    state_->records.emplace(batch);
    return;
  }
  if (state_->size == 0) return;  // an empty answer may have any types
  state_->columns = batch.columns();
  if (state_->columns.size() != state_->layout.columns.size() || state_->columns.back()->type_id() != arrow::Type::STRING) {
    throw ImednetError(fmt::format("cannot read rows: they have {} columns, not {}, or another type of hash", state_->columns.size(),
                                   state_->layout.columns.size()),
                       {.code = errors::ErrorCode::protocol});
  }
  state_->named->open(state_->columns);
}

std::int64_t HashedRows::size() const { return state_->size; }

std::string_view HashedRows::stored(std::int64_t row) const {
  if (!state_->named) return state_->records->hash(row);
  const auto& hashes = static_cast<const arrow::StringArray&>(*state_->columns.back());
  return hashes.IsNull(row) ? std::string_view() : hashes.GetView(row);
}

std::string_view HashedRows::computed(std::int64_t row) {
  return state_->named ? state_->named->hash(row) : state_->record_hasher.hash(state_->records->row(row));
}

}  // namespace imednet::table
