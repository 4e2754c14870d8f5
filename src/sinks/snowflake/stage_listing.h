// stage_listing.h: what LIST says lies on a stage, with its age.
//
// Shape:  LIST's stamp is "Thu, 26 Nov 2026 10:34:56 GMT", to the second; any other text is a protocol error.
// Source: Snowflake LIST; RFC 9110, 5.6.7 (its form).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/snowflake/session.h"

namespace imednet::sinks::snowflake {

struct ListedFile {
  std::string path;  // below the stage: "imednet/<hash>/<file>"
  std::int64_t bytes = 0;
  std::chrono::sys_seconds modified{};
};

// The path of a LIST or REMOVE row: its name without the stage's own.
std::string path_of_row(std::string_view name);

// nullopt when the text is no such stamp, its day does not exist or its weekday is another.
std::optional<std::chrono::sys_seconds> parse_list_stamp(std::string_view text);

// Everything whose path starts with the directory's, sorted by path.
std::vector<ListedFile> list_files(Session& session, const StageDirectory& directory);

}  // namespace imednet::sinks::snowflake
