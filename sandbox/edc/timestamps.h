#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imednet::sandbox::edc {

// All as seconds since 1970 in UTC; nothing when the text has another form.

// As answers write it: `YYYY-MM-DD HH:MM:SS`, no zone.
std::optional<std::int64_t> answer_stamp(std::string_view text);
// As filters write it: `YYYY-MM-DDTHH:MM:SSZ`, or an offset such as `-06:00` instead of Z. The form of the answers is not one.
std::optional<std::int64_t> filter_stamp(std::string_view text);
// `YYYY-MM-DD`, at midnight.
std::optional<std::int64_t> calendar_date(std::string_view text);

std::string format_stamp(std::chrono::system_clock::time_point when);
std::string now_stamp(std::chrono::seconds offset = {});
// As the HTTP header Retry-After writes a date.
std::string format_http_date(std::chrono::system_clock::time_point when);

}  // namespace imednet::sandbox::edc
