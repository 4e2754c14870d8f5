#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/edc/table.h"

namespace imednet::sandbox::edc {

// The text of one row and what keeps it alive.
struct Row {
  std::string_view text;
  std::shared_ptr<const std::string> owner;
};

// Rows of a file. Only ids are read when it is made; an attribute is read from all rows when it is first filtered or sorted on.
class StoredTable final : public Table {
 public:
  StoredTable(const Resource& resource, std::vector<Row> rows);

  std::size_t size() const override { return rows_.size(); }
  std::size_t lower_rank(std::int64_t id) const override;
  void append_row(std::size_t rank, std::string& out) const override { out.append(rows_[rank].text); }
  Value value(std::size_t rank, std::size_t attribute) const override;
  bool holds(std::size_t rank, const BoundTerm& term) const override;
  std::optional<std::string> data_value(std::size_t rank, std::string_view folded_name) const override;

  const std::vector<Row>& rows() const { return rows_; }
  std::string_view text(std::size_t rank) const { return rows_[rank].text; }
  std::int64_t id(std::size_t rank) const { return ids_[rank]; }

 private:
  struct Column {
    std::once_flag built;
    std::vector<Value> values;
    std::deque<std::string> decoded;  // texts that stand with escapes in the row
  };

  void sort_rows();
  void build_column(Column& column, const Attribute& attribute) const;

  std::vector<Row> rows_;
  std::vector<std::int64_t> ids_;  // empty when ids are text
  mutable std::vector<Column> columns_;
};

// A row whose id is missing, no integer or too large is served after all others, so that a reader gets to see it.
std::int64_t integer_id(std::string_view row, std::string_view id_name);

}  // namespace imednet::sandbox::edc
