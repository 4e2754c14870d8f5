#include "sandbox/edc/timestamps.h"

#include <array>
#include <ctime>

namespace imednet::sandbox::edc {
namespace {

constexpr std::int64_t kSecondsPerDay = 86400;

std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    }
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

std::optional<std::int64_t> time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') {
    return std::nullopt;
  }
  const auto hours = number_at(text, 0, 2);
  const auto minutes = number_at(text, 3, 2);
  const auto seconds = number_at(text, 6, 2);
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) {
    return std::nullopt;
  }
  return *hours * 3600 + *minutes * 60 + *seconds;
}

std::optional<std::int64_t> zone_offset(std::string_view text) {
  if (text == "Z") {
    return 0;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
    return std::nullopt;
  }
  const auto hours = number_at(text, 1, 2);
  const auto minutes = number_at(text, 4, 2);
  if (!hours || !minutes || *hours > 18 || *minutes > 59) {
    return std::nullopt;
  }
  const std::int64_t offset = *hours * 3600 + *minutes * 60;
  return text[0] == '-' ? -offset : offset;
}

std::optional<std::int64_t> date_and_time(std::string_view text, char separator) {
  if (text.size() != 19 || text[10] != separator) {
    return std::nullopt;
  }
  const auto date = calendar_date(text.substr(0, 10));
  const auto time = time_of_day(text.substr(11));
  return date && time ? std::optional(*date + *time) : std::nullopt;
}

std::string formatted(std::chrono::system_clock::time_point when, const char* format) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return std::string(text.data(), std::strftime(text.data(), text.size(), format, &parts));
}

}  // namespace

std::optional<std::int64_t> calendar_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = number_at(text, 0, 4);
  const auto month = number_at(text, 5, 2);
  const auto day = number_at(text, 8, 2);
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay;
}

std::optional<std::int64_t> answer_stamp(std::string_view text) { return date_and_time(text, ' '); }

std::optional<std::int64_t> filter_stamp(std::string_view text) {
  if (text.size() < 20) {
    return std::nullopt;
  }
  const auto local = date_and_time(text.substr(0, 19), 'T');
  const auto offset = zone_offset(text.substr(19));
  return local && offset ? std::optional(*local - *offset) : std::nullopt;
}

std::string format_stamp(std::chrono::system_clock::time_point when) { return formatted(when, "%Y-%m-%d %H:%M:%S"); }

std::string now_stamp(std::chrono::seconds offset) { return format_stamp(std::chrono::system_clock::now() + offset); }

std::string format_http_date(std::chrono::system_clock::time_point when) { return formatted(when, "%a, %d %b %Y %H:%M:%S GMT"); }

}  // namespace imednet::sandbox::edc
