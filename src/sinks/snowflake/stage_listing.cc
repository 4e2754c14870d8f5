#include "sinks/snowflake/stage_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/redact.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kStampLength = 29;  // "Thu, 26 Nov 2026 10:34:56 GMT"
constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Digits from `at`; -1 when one of them is none.
int number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

template <std::size_t Count>
int position(const std::array<std::string_view, Count>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

// The signs between the parts, with the parts as blanks of their own.
bool has_form(std::string_view text) {
  return text.substr(3, 2) == ", " && text[7] == ' ' && text[11] == ' ' && text[16] == ' ' && text[19] == ':' && text[22] == ':' &&
         text.substr(25) == " GMT";
}

}  // namespace

std::string path_of_row(std::string_view name) {
  const auto slash = name.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(name.substr(slash + 1));
}

std::optional<std::chrono::sys_seconds> parse_list_stamp(std::string_view text) {
  std::string padded(text);
  if (padded.size() + 1 == kStampLength && padded[6] == ' ') padded.insert(5, 1, '0');  // a day of one digit
  if (padded.size() != kStampLength || !has_form(padded)) return std::nullopt;
  const std::string_view stamp = padded;
  const int weekday = position(kWeekdays, stamp.substr(0, 3));
  const int day = number(stamp, 5, 2);
  const int month = position(kMonths, stamp.substr(8, 3)) + 1;
  const int year = number(stamp, 12, 4);
  const int hour = number(stamp, 17, 2);
  const int minute = number(stamp, 20, 2);
  const int second = number(stamp, 23, 2);
  if (weekday < 0 || day < 1 || month < 1 || year < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || std::chrono::weekday(std::chrono::sys_days(date)).c_encoding() != static_cast<unsigned>(weekday)) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

std::vector<ListedFile> list_files(Session& session, const StageDirectory& directory) {
  const db::Answer answer = session.run(list_stage(directory), "list");
  std::vector<ListedFile> files;
  files.reserve(answer.rows.size());
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    const std::string stamp = answer.at(row, "last_modified").value_or("");
    const auto modified = parse_list_stamp(stamp);
    if (!modified) {
      throw ImednetError(fmt::format("cannot tell how old a file on the stage is: LIST has the stamp '{}'", core::redact(stamp, 60)),
                         {.code = errors::ErrorCode::protocol, .origin = {.system = "snowflake"}});
    }
    files.push_back({path_of_row(answer.at(row, "name").value_or("")), answer.number(row, "size"), *modified});
  }
  std::sort(files.begin(), files.end(), [](const ListedFile& a, const ListedFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace imednet::sinks::snowflake
