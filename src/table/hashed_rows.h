// hashed_rows.h: rows of any layout, whoever made the batch: the hash that stands in each, and the one that its values have.
//
// Owner:  refers to batch and layout.   Errors: ImednetError protocol for a batch whose columns are not the layout's.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "table/layout.h"

namespace arrow {
class RecordBatch;
}  // namespace arrow

namespace imednet::table {

class HashedRows {
 public:
  explicit HashedRows(const Layout& layout);
  ~HashedRows();
  HashedRows(HashedRows&&) noexcept;
  HashedRows& operator=(HashedRows&&) noexcept;

  // The layout's columns in their order, `_row_hash` last. Names don't count, nor do the types of a batch without rows.
  void open(const arrow::RecordBatch& batch);
  std::int64_t size() const;
  std::int64_t id(std::int64_t row) const;            // of the layout's key; 0 when it is null
  std::string_view form_key(std::int64_t row) const;  // empty when it is null, or the layout has none
  std::string_view stored(std::int64_t row) const;    // empty when it is null
  std::string_view computed(std::int64_t row);        // valid until the next call

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::table
