// loader_change_internal.h: what one transaction does to a study's rows; for loader_temporary.cc and loader_commit.cc.
#pragma once

#include <string>
#include <vector>

#include "sinks/snowflake/loader.h"

namespace imednet::sinks::snowflake {

struct Loader::Change {
  const StudyRead& read;
  const LoadPlan& plan;
  LoadMethod method;
  const Files& files;                    // whose rows wait in the temporary table; none: there is no temporary table
  std::vector<std::string> paths{};      // of those files, when a record stands twice in them: the later file wins then
  std::int64_t rows = 0;                 // waiting
  std::int64_t records = 0;              // different ones among them
  std::vector<std::int64_t> vanished{};  // record ids to mark deleted
};

}  // namespace imednet::sinks::snowflake
