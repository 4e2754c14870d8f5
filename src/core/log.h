// log.h: what a person reads on standard error while a run goes on. Every message is redacted first.
#pragma once

#include <string_view>

namespace imednet::core {

enum class LogLevel { quiet, normal, verbose };

// For the whole program; `normal` until set.
void set_log_level(LogLevel level);

void log_warning(std::string_view message);  // shown unless quiet
void log_detail(std::string_view message);   // shown when verbose

}  // namespace imednet::core
