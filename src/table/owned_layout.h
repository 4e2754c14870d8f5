// owned_layout.h: a layout that was read from somewhere, with the texts it refers to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/layout.h"

namespace imednet::table {

struct OwnedColumn {
  std::string name;
  ColumnKind kind = ColumnKind::text;
  bool nullable = true;
  std::string comment{};
};

class OwnedLayout {
 public:
  // A table of records is told apart by `record_id`, a dimension by the column behind `study_key`.
  OwnedLayout(std::string name, int version, std::vector<OwnedColumn> columns);
  OwnedLayout(const OwnedLayout&) = delete;
  OwnedLayout& operator=(const OwnedLayout&) = delete;

  const Layout& layout() const noexcept { return layout_; }
  const std::vector<OwnedColumn>& columns() const noexcept { return owned_; }

 private:
  std::string name_;
  std::vector<OwnedColumn> owned_;
  std::vector<Column> columns_;
  Layout layout_;
};

// "text", "integer" and so on, as other programs may read them; and back, nullopt for no such kind.
std::string_view kind_text(ColumnKind kind);
std::optional<ColumnKind> kind_of(std::string_view text);

}  // namespace imednet::table
