// session_retries.h: a step of a run, done again while that can help, with a new session where the old one was lost.
//
// Limit:  not within a transaction or while a temporary table is needed: both go with the session.
// Counts: `retries`, when given, grows by one with every further try.
// Errors: the last try's. What was judged to be a bad batch (ExportBatchError) is not judged again.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "core/clock.h"
#include "sinks/snowflake/session.h"

namespace imednet::sinks::snowflake {

void run_with_retries(Session& session, const integrations::SnowflakeSinkConfig& config, core::Clock& clock, std::string_view step,
                      const std::function<void()>& action, std::int64_t* retries = nullptr);

}  // namespace imednet::sinks::snowflake
