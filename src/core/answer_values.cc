#include "core/answer_values.h"

#include <charconv>
#include <chrono>
#include <cmath>

#include "core/stamp.h"

namespace imednet::core {
namespace {

constexpr std::int64_t kMicrosADay = 86'400'000'000;
constexpr std::size_t kDateSize = 10, kMinutesSize = 16, kSecondsSize = 19, kMostDecimals = 6;

// A decimal number without what does not change it: digits from the first to the last that is not 0, and the power of ten of the last.
struct Decimal {
  std::string digits;
  std::int64_t exponent = 0;
  bool is_negative = false;
  bool operator==(const Decimal&) const = default;
};

bool is_figure(char c) { return c >= '0' && c <= '9'; }

// nullopt: no decimal number. from_chars takes "1e5", ".5" and "5." as well; so does this.
std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal decimal;
  decimal.is_negative = text.starts_with('-');
  if (decimal.is_negative) text.remove_prefix(1);
  bool has_point = false, has_digits = false;
  std::size_t at = 0;
  for (; at < text.size() && (is_figure(text[at]) || (text[at] == '.' && !has_point)); ++at) {
    if (text[at] == '.') {
      has_point = true;
      continue;
    }
    has_digits = true;
    decimal.exponent -= has_point ? 1 : 0;
    if (text[at] != '0' || !decimal.digits.empty()) decimal.digits += text[at];
  }
  if (!has_digits) return std::nullopt;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    std::string_view power = text.substr(at + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    std::int32_t value = 0;
    const auto [stop, error] = std::from_chars(power.data(), power.data() + power.size(), value);
    if (error != std::errc() || stop != power.data() + power.size()) return std::nullopt;
    decimal.exponent += value;
  }
  while (decimal.digits.ends_with('0')) {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  if (decimal.digits.empty()) return Decimal{};
  return decimal;
}

// The fewest digits that read as that number again; without an exponent to_chars would write a large one with all of its digits.
std::string shortest_text(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number, std::chars_format::scientific).ptr;
  return {text, end};
}

}  // namespace

std::string number_text(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return {text, end};
}

bool is_decimal(std::string_view text) { return decimal_of(text).has_value(); }

std::optional<double> parse_number(std::string_view text) {
  const auto decimal = decimal_of(text);
  if (!decimal) return std::nullopt;
  double number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  if (decimal->digits.empty()) return 0.0;
  return decimal_of(shortest_text(number)) == decimal ? std::optional(number) : std::nullopt;
}

std::optional<bool> parse_flag(std::string_view text) {
  const auto is = [&](std::string_view word) {
    if (text.size() != word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if ((text[i] | 0x20) != word[i]) return false;
    }
    return true;
  };
  if (text == "1" || is("true")) return true;
  if (text == "0" || is("false")) return false;
  return std::nullopt;
}

std::optional<std::int32_t> parse_date(std::string_view text) {
  if (text.size() != kDateSize) return std::nullopt;
  const auto micros = parse_stamp(std::string(text) + " 00:00:00");
  if (!micros) return std::nullopt;
  const std::int64_t days = *micros / kMicrosADay;
  return static_cast<std::int32_t>(days);
}

std::optional<std::int64_t> parse_moment(std::string_view text) {
  if (text.size() == kMinutesSize) return parse_stamp(std::string(text) + ":00");
  if (text.size() < kSecondsSize) return std::nullopt;
  const std::string_view fraction = text.substr(kSecondsSize);
  if (!fraction.empty() && fraction.front() != '.') return std::nullopt;
  if (fraction.size() > kMostDecimals + 1 || fraction.find_first_not_of("0123456789", 1) != std::string_view::npos) return std::nullopt;
  return parse_stamp(text);
}

}  // namespace imednet::core
