// since.h: whether a run reads all records or those changed since a time, decided from settings and a cursor; nothing here talks to
// anyone.
//
// Units:   times are UTC; texts as the API's filter takes them, YYYY-MM-DDTHH:MM:SSZ, cut to the second.
// Source:  ADR 0023; the API's filter: docs/api.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imednet/integrations/warehouse.h"
#include "sinks/snowflake/study_cursor.h"

namespace imednet::pipeline {

// The next reading begins that long before the last one, by the API's clock: its machines' clocks may differ, and a change may be
// stamped a while before it can be read.
inline constexpr std::chrono::minutes kOverlap{10};

inline constexpr std::string_view kSinceAuto = "auto";

// Throws ExportConfigurationError (exit 2) for a time that is none and for settings that a partial reading can't go with.
void check_since(const integrations::SnowflakeSinkConfig& config);

// The filter's form of an API stamp, `earlier` before it; nullopt when it is no stamp.
std::optional<std::string> filter_time(std::string_view stamp, std::chrono::seconds earlier = {});
// From where a reading goes on that follows one whose first answer had this stamp.
inline std::optional<std::string> overlap_start(std::string_view read_at) { return filter_time(read_at, kOverlap); }
// The API's filter for records changed at that time or later.
std::string since_filter(std::string_view since);

struct SinceChoice {
  std::string since{};          // read what changed since; empty: all
  std::string why_all{};        // for people, when `since` was asked for and all is read; empty: nothing to say
  bool follows_cursor = false;  // `since` is where the cursor's reading ended
};
SinceChoice choose_since(const integrations::SnowflakeSinkConfig& config, const sinks::snowflake::CursorTable::Seen& seen);

}  // namespace imednet::pipeline
