// run_id.h: the name of one run, in its query tags, its rows and its files.
#pragma once

#include <string>
#include <string_view>

#include "core/clock.h"

namespace imednet::core {

// "20261123T091200Z-0123abcd": sorts by time, unique enough for many runs in one second.
std::string make_run_id(core::Clock& clock);

// The run's id as the end of a table's name: "20261123T091200Z0123ABCD".
std::string table_suffix(std::string_view run_id);

// Is that text of this form?
bool is_run_id(std::string_view text);

}  // namespace imednet::core
