// array_binds.h: one INSERT for many rows of binds.
//
// Rules:   a bind whose value is a list stands for one row an element; the INSERT is run once per row, all or none, and counts them
// together.
//          Other statements are refused here. [src: what the clients send of their executemany; inferred: all or none]
#pragma once

#include <string>
#include <vector>

#include "translator.h"

namespace imednet::sandbox::snowflake {

struct SpreadInsert {
  std::string sql;  // with one row of VALUES, or one SELECT, for each row of binds
  std::vector<Binding> bindings;
};
// columns[i][row]; all of one length. Throws SqlError when the statement can't be spread.
SpreadInsert spread_insert(const std::string& sql, const std::vector<std::vector<Binding>>& columns);

}  // namespace imednet::sandbox::snowflake
