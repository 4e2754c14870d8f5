#pragma once

#include <optional>
#include <string>
#include <vector>

#include "column_type.h"

namespace imednet::sandbox::snowflake {

// A cell as the JSON result format writes it: decimal text, 1/0, days, seconds.fraction, hex; no value is NULL.
using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;

struct ResultColumn {
  std::string name;
  ColumnType type;
  bool nullable = true;
};

struct ResultSet {
  std::vector<ResultColumn> columns;
  std::vector<Row> rows;
};

}  // namespace imednet::sandbox::snowflake
