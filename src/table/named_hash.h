// named_hash.h: the hash of one row of any layout whose columns differ from study to study.
//
// Rule:   over the values that are there, each with its column's name, in ascending order of the names' bytes: a column that came later and
// is
//         null, or another order of columns, changes no hash.   Format: docs/formats/forms-layout.md, "Row hash".
#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "table/layout.h"

namespace imednet::table {

class NamedHasher {
 public:
  explicit NamedHasher(const Layout& layout);

  // The layout's columns but `_row_hash`, in its order; they are referred to. Throws ImednetError (protocol) for one of another type.
  void open(const arrow::ArrayVector& columns);
  // 32 lower-case hex digits, valid until the next call.
  std::string_view hash(std::int64_t row);

 private:
  struct Cell {
    std::string head;  // name, with its length before it
    std::size_t place = 0;
    ColumnKind kind{};
  };

  std::vector<Cell> cells_;  // by name
  const arrow::ArrayVector* columns_ = nullptr;
  std::string bytes_;
  core::Sha256 digest_;
  std::array<char, 32> text_{};
};

}  // namespace imednet::table
