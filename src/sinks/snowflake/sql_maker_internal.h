// sql_maker_internal.h: the one place where a SqlText comes from; for statements*.cc alone.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "sinks/snowflake/statements.h"

namespace imednet::sinks::snowflake {

struct SqlMaker {
  template <class... Args>
  static SqlText make(fmt::format_string<Args...> format, Args&&... args) {
    return SqlText(fmt::format(format, std::forward<Args>(args)...));
  }
};

}  // namespace imednet::sinks::snowflake
