#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sandbox/edc/stored_table.h"

namespace imednet::sandbox::edc {

// As many records as asked for, made from those of a stored study when they are served: record k is the stored record k modulo their
// number under another study key and the id kFirstId + k. Memory does not grow with the number.
class SyntheticTable final : public Table {
 public:
  static constexpr std::int64_t kFirstId = 1'000'001;

  SyntheticTable(std::shared_ptr<const StoredTable> base, std::string study_key, std::size_t size);

  std::size_t size() const override { return size_; }
  std::size_t lower_rank(std::int64_t id) const override;
  void append_row(std::size_t rank, std::string& out) const override;
  Value value(std::size_t rank, std::size_t attribute) const override;
  std::optional<std::string> data_value(std::size_t rank, std::string_view folded_name) const override;

 private:
  // A stored row cut at its two values that change.
  struct Cut {
    std::string_view before, between, after;
    bool id_first;
  };

  std::shared_ptr<const StoredTable> base_;
  std::string study_key_;
  std::string quoted_key_;
  std::size_t size_;
  std::size_t key_attribute_;
  std::vector<Cut> cuts_;
};

}  // namespace imednet::sandbox::edc
