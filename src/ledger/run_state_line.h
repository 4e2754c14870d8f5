// run_state_line.h: one line of a run's state: how it is written, and how it is judged when it is read.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "ledger/run_state.h"

namespace imednet::ledger {

// What stands before the first line.
inline constexpr std::string_view kFirstPrevious = "0000000000000000000000000000000000000000000000000000000000000000";

// The line with its end. `previous`: hash of the line before; afterwards that of this one.
std::string make_line(const RunEvent& event, std::string& previous);

// The event, or why the line is none: bad JSON, another hash than its text has, another predecessor, another number.
// `previous` is moved on when the line is good.
std::variant<RunEvent, std::string> judge_line(std::string_view line, std::int64_t seq, std::string& previous);

}  // namespace imednet::ledger
