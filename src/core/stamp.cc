#include "core/stamp.h"

#include <fmt/format.h>

#include <chrono>

namespace imednet::core {
namespace {

constexpr std::int64_t kMicrosASecond = 1'000'000;
constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01 00:00:00
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31 23:59:59

// Takes characters from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `digits` decimal digits, or -1.
  int number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      const int one = digit();
      if (one < 0) return -1;
      value = value * 10 + one;
    }
    return value;
  }
  int digit() {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return -1;
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

 private:
  std::string_view rest_;
};

// Digits after the point as microseconds; -1 when there are none.
std::int64_t fraction(Scanner& scanner) {
  std::int64_t micros = 0;
  std::int64_t unit = kMicrosASecond / 10;
  int digits = 0;
  for (int one = scanner.digit(); one >= 0; one = scanner.digit(), ++digits) {
    micros += one * unit;
    unit /= 10;
  }
  return digits == 0 ? -1 : micros;
}

// Seconds east of UTC: nothing, "Z", "+HH:MM" or "+HHMM"; nullopt for anything else.
std::optional<std::int64_t> offset(Scanner& scanner) {
  if (scanner.at_end()) return 0;
  if (scanner.take('Z') || scanner.take('z')) return scanner.at_end() ? std::optional<std::int64_t>(0) : std::nullopt;
  const bool is_west = scanner.take('-');
  if (!is_west && !scanner.take('+')) return std::nullopt;
  const int hours = scanner.number(2);
  scanner.take(':');
  const int minutes = scanner.number(2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !scanner.at_end()) return std::nullopt;
  const std::int64_t seconds = hours * 3600LL + minutes * 60LL;
  return is_west ? -seconds : seconds;
}

}  // namespace

std::optional<std::int64_t> parse_stamp(std::string_view text) {
  Scanner scanner(text);
  const int year = scanner.number(4);
  if (year < 1 || !scanner.take('-')) return std::nullopt;
  const int month = scanner.number(2);
  if (month < 1 || !scanner.take('-')) return std::nullopt;
  const int day = scanner.number(2);
  if (day < 1 || (!scanner.take(' ') && !scanner.take('T'))) return std::nullopt;
  const int hour = scanner.number(2);
  if (hour < 0 || hour > 23 || !scanner.take(':')) return std::nullopt;
  const int minute = scanner.number(2);
  if (minute < 0 || minute > 59 || !scanner.take(':')) return std::nullopt;
  const int second = scanner.number(2);
  if (second < 0 || second > 59) return std::nullopt;
  const std::int64_t micros = scanner.take('.') ? fraction(scanner) : 0;
  if (micros < 0) return std::nullopt;
  const auto east = offset(scanner);
  if (!east) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400 + hour * 3600LL + minute * 60LL + second - *east;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;  // the offset leads out of the years
  return seconds * kMicrosASecond + micros;
}

std::string format_stamp(std::int64_t micros) {
  using namespace std::chrono;
  const sys_time<microseconds> when{microseconds(micros)};
  const auto day = floor<days>(when);
  const year_month_day date(day);
  const hh_mm_ss time(when - day);
  std::string text = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) text += fmt::format(".{:06}", time.subseconds().count());
  return text;
}

}  // namespace imednet::core
