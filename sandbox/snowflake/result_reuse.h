#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "table_locks.h"

namespace imednet::sandbox::snowflake {

// Which queries Snowflake would answer from a kept result: the same text by the same role in the same schema within 24
// hours, over tables that did not change. [doc] Only the fact is kept; the engine runs the query all the same.
class ResultReuse {
 public:
  struct Query {
    std::string role;
    std::string schema;
    std::string text;
    auto operator<=>(const Query&) const = default;
  };
  // Whether a kept result would do; if not, one is kept from now on.
  bool reuses(const Query& query, const std::set<int64_t>& tables, const TableLocks& locks, int64_t now_us);

 private:
  struct Kept {
    std::map<int64_t, int64_t> versions;  // of each table read
    int64_t since_us = 0;
  };
  std::mutex mutex_;
  std::map<Query, Kept> kept_;
};

}  // namespace imednet::sandbox::snowflake
