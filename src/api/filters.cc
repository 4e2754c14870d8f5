#include "imednet/filters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/stamp.h"

namespace imednet::filters {
namespace {

using errors::FilterError;

[[noreturn]] void refuse(const std::string& cause, std::string hint) {
  throw FilterError(fmt::format("cannot filter: {}", cause),
                    {.code = errors::ErrorCode::invalid_argument, .hint = std::move(hint), .origin = {.system = "local"}});
}

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

// What stands for itself, whatever is around it.
bool is_bare(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char letter) {
    return is_letter_or_digit(letter) || letter == '_' || letter == '.' || letter == '-';
  });
}

bool is_writable(char letter) {
  constexpr unsigned char kFirst = 0x20, kDelete = 0x7f;
  const auto byte = static_cast<unsigned char>(letter);
  return byte >= kFirst && byte != kDelete && letter != '"' && letter != '\\';
}

// Attributes that are times of the form YYYY-MM-DDTHH:MM:SSZ in a filter.
bool is_time(std::string_view attribute) {
  constexpr std::array<std::string_view, 5> kTimes = {"dateCreated", "dateModified", "dateCoded", "enrollmentStartDate", "dateAdded"};
  return std::ranges::find(kTimes, attribute) != kTimes.end();
}

std::string filter_time(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// "YYYY-MM-DDTHH:MM:SS" with Z or an offset behind it: as the API takes it.
bool is_filter_time(std::string_view text) {
  constexpr std::size_t kZone = 19;
  return text.size() > kZone && text[10] == 'T' && (text[kZone] == 'Z' || text[kZone] == '+' || text[kZone] == '-');
}

std::string time_text(const std::string& attribute, const std::string& text) {
  const auto micros = core::parse_stamp(text);
  if (!micros) refuse(fmt::format("{} is a time, and its value is none", attribute), "write it as 2026-01-31T12:00:00Z");
  if (is_filter_time(text)) return text;
  return filter_time(std::chrono::floor<std::chrono::seconds>(UtcTime(std::chrono::microseconds(*micros))));
}

std::string quoted(const std::string& name, const std::string& text) {
  if (is_bare(text)) return text;
  if (!std::ranges::all_of(text, is_writable))
    refuse(fmt::format("the value for {} has a quote, a backslash or a control character", name), "the API does not say how to write it");
  return fmt::format("\"{}\"", text);
}

}  // namespace

Value::Value(std::string_view text) : text_(text) {}

Value::Value(double number) : text_(fmt::format("{}", number)), is_plain_(true) {
  if (!std::isfinite(number)) refuse("a value is no finite number", "");
}

Value::Value(std::chrono::sys_seconds time, int) : text_(filter_time(time)), is_plain_(true) {}

Value::Value(std::chrono::year_month_day day) : is_plain_(true) {
  if (!day.ok()) refuse("a value is no day of the calendar", "");
  text_ =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

template <Kind kKind>
Subject<kKind>::Subject(std::string_view name) : name_(name) {
  const auto is_part = [](char letter) {
    return is_letter_or_digit(letter) || letter == '_' || letter == '.' || (kKind == Kind::answers && (letter == ' ' || letter == '-'));
  };
  if (name.empty() || name.front() == ' ' || name.back() == ' ' || !std::ranges::all_of(name, is_part))
    refuse("what is asked for has no name that the API's grammar can hold", "give the filter as text if the API takes it");
}

template <Kind kKind>
Filter<kKind> Subject<kKind>::condition(std::string_view symbol, const Value& value) const {
  Filter<kKind> filter;
  const bool is_time_text = kKind == Kind::attributes && is_time(name_) && !value.is_plain();
  const std::string text = is_time_text ? time_text(name_, value.text()) : value.is_plain() ? value.text() : quoted(name_, value.text());
  filter.groups_ = {{fmt::format("{}{}{}", name_, symbol, text)}};
  filter.names_ = {name_};
  filter.write();
  return filter;
}

template <Kind kKind>
void Filter<kKind>::take_names(const Filter& one, const Filter& other) {
  names_ = one.names_;
  for (const std::string& name : other.names_) {
    if (std::ranges::find(names_, name) != names_.end())
      refuse(fmt::format("{} stands in it twice", name), "the API takes each attribute once");
    names_.push_back(name);
  }
}

// "a;b,c" says one thing where "and" binds tighter and another where "or" does, so the two never stand together.
template <Kind kKind>
void Filter<kKind>::write() {
  const auto is_several = [](const std::vector<std::string>& group) { return group.size() > 1; };
  if (groups_.size() > 1 && std::ranges::any_of(groups_, is_several))
    refuse("\"and\" and \"or\" stand in it together",
           kKind == Kind::answers ? "the API refuses that for recordData: ask twice"
                                  : "the API does not say which binds tighter: ask twice, or give the filter as text");
  std::vector<std::string> parts;
  for (const std::vector<std::string>& group : groups_) parts.push_back(fmt::format("{}", fmt::join(group, ";")));
  text_ = fmt::format("{}", fmt::join(parts, ","));
}

template <Kind kKind>
Filter<kKind> Filter<kKind>::all_of(const Filter& one, const Filter& other) {
  if (one.groups_.size() > 1 || other.groups_.size() > 1)
    refuse("an \"or\" stands within an \"and\"", "the API has no parentheses: ask twice, or choose from what comes");
  Filter filter;
  filter.take_names(one, other);
  filter.groups_ = one.groups_;
  filter.groups_.front().insert(filter.groups_.front().end(), other.groups_.front().begin(), other.groups_.front().end());
  filter.write();
  return filter;
}

template <Kind kKind>
Filter<kKind> Filter<kKind>::any_of(const Filter& one, const Filter& other) {
  Filter filter;
  filter.take_names(one, other);
  filter.groups_ = one.groups_;
  filter.groups_.insert(filter.groups_.end(), other.groups_.begin(), other.groups_.end());
  filter.write();
  return filter;
}

template class Subject<Kind::attributes>;
template class Subject<Kind::answers>;
template class Filter<Kind::attributes>;
template class Filter<Kind::answers>;

}  // namespace imednet::filters
