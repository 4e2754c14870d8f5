#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sandbox/edc/table.h"

namespace imednet::sandbox::edc {

struct SortKey {
  std::size_t attribute;
  bool descending;
};

struct ListQuery {
  Filter filter;
  Filter data_filter;
  std::vector<SortKey> sort;
};

// The rows that pass both filters, in the order asked for; rows that are equal in it stand in the order of their ids.
std::shared_ptr<const Selection> select_rows(const Table& table, const ListQuery& query);

}  // namespace imednet::sandbox::edc
