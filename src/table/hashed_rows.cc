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
  std::optional<std::size_t> key{}, form{};
};

HashedRows::HashedRows(const Layout& layout) : state_(std::make_unique<State>(State{.layout = layout})) {
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    if (layout.columns[i].name == layout.key) state_->key = i;
    if (layout.columns[i].name == "form_key") state_->form = i;
  }
  if (&layout != &records_layout()) state_->named.emplace(layout);
}
HashedRows::~HashedRows() = default;
HashedRows::HashedRows(HashedRows&&) noexcept = default;
HashedRows& HashedRows::operator=(HashedRows&&) noexcept = default;

void HashedRows::open(const arrow::RecordBatch& batch) {
  state_->size = batch.num_rows();
  if (state_->size == 0) return;
  state_->columns = batch.columns();
  if (!state_->named) {
    state_->records.emplace(batch);
    return;
  }
  if (state_->columns.size() != state_->layout.columns.size() || state_->columns.back()->type_id() != arrow::Type::STRING) {
    throw ImednetError(fmt::format("cannot read rows: they have {} columns, not {}, or another type of hash", state_->columns.size(),
                                   state_->layout.columns.size()),
                       {.code = errors::ErrorCode::protocol});
  }
  state_->named->open(state_->columns);
}

std::int64_t HashedRows::size() const { return state_->size; }

std::int64_t HashedRows::id(std::int64_t row) const {
  const arrow::Array& keys = *state_->columns.at(state_->key.value());
  if (keys.type_id() != arrow::Type::INT64)
    throw ImednetError(fmt::format("cannot read rows: {} is no whole number", state_->layout.key), {.code = errors::ErrorCode::protocol});
  return keys.IsNull(row) ? 0 : static_cast<const arrow::Int64Array&>(keys).Value(row);
}

std::string_view HashedRows::form_key(std::int64_t row) const {
  if (!state_->form) return {};
  const arrow::Array& keys = *state_->columns.at(*state_->form);
  if (keys.type_id() != arrow::Type::STRING || keys.IsNull(row)) return {};
  return static_cast<const arrow::StringArray&>(keys).GetView(row);
}

std::string_view HashedRows::stored(std::int64_t row) const {
  if (!state_->named) return state_->records->hash(row);
  const auto& hashes = static_cast<const arrow::StringArray&>(*state_->columns.back());
  return hashes.IsNull(row) ? std::string_view() : hashes.GetView(row);
}

std::string_view HashedRows::computed(std::int64_t row) {
  return state_->named ? state_->named->hash(row) : state_->record_hasher.hash(state_->records->row(row));
}

}  // namespace imednet::table
