// filters.h: the API's filters, built from values instead of text.
//
//   using imednet::filters::attribute, imednet::filters::answer;
//   sdk.records().list("MY_STUDY", {.filter = attribute("formKey") == "AE" && attribute("dateModified") >= since,
//                                   .record_data_filter = answer("AESER").contains("yes")});
//
// Promise: what comes out is what the API's grammar has one reading of; whatever it would refuse, or could read in two ways, is refused
//          here, before anything is sent. The text is the API's own: whoever knows better gives a text.
// Values:  a text with other characters than letters, digits and _ . - is put into quotes; one that has a quote, a backslash or a control
//          character in it is refused, since how to write it is nowhere said. A time becomes 2026-01-31T12:00:00Z, cut to the second.
// Errors:  FilterError (invalid_argument), which names the attribute, never the value.
// Source:  iMednet REST API v1, filtering (docs/api.md).
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imednet/errors.h"
#include "imednet/models.h"

namespace imednet::errors {

// A filter that the API would refuse, or that says two things.
class FilterError : public ImednetError {
 public:
  using ImednetError::ImednetError;
};

}  // namespace imednet::errors

namespace imednet::filters {

// What a filter is about.
enum class Kind {
  attributes,  // of the elements themselves: ListOptions::filter
  answers,     // in recordData: ListOptions::record_data_filter
};

// A value as it is written in a filter.
class Value {
 public:
  Value(const char* text) : Value(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  Value(const std::string& text) : Value(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  Value(std::string_view text);                                      // NOLINT(google-explicit-constructor)
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) Value(Number number)
      : text_(std::to_string(number)), is_plain_(true) {}  // NOLINT(google-explicit-constructor)
  template <std::same_as<bool> Flag>
  Value(Flag flag) : text_(flag ? "true" : "false"), is_plain_(true) {}  // NOLINT(google-explicit-constructor)
  Value(double number);                                                  // NOLINT(google-explicit-constructor)
  template <class Duration>
  Value(std::chrono::sys_time<Duration> time)  // NOLINT(google-explicit-constructor)
      : Value(std::chrono::floor<std::chrono::seconds>(time), 0) {}
  Value(std::chrono::year_month_day day);  // NOLINT(google-explicit-constructor)

  const std::string& text() const noexcept { return text_; }  // without quotes
  bool is_plain() const noexcept { return is_plain_; }        // a number, flag, time or day: never in quotes

 private:
  Value(std::chrono::sys_seconds time, int);
  std::string text_;
  bool is_plain_ = false;
};

// One or several conditions. Made by attribute() and answer(), joined by && and ||.
template <Kind kKind>
class Filter {
 public:
  // As the API takes it, not yet encoded for a URL.
  const std::string& text() const noexcept { return text_; }
  operator std::string() const { return text_; }  // NOLINT(google-explicit-constructor)

  // Both. Throws FilterError where an attribute stands in both, or one of them is an "or": there are no parentheses.
  friend Filter operator&&(const Filter& one, const Filter& other) { return all_of(one, other); }
  // Either. Throws FilterError where an attribute stands in both, or one of them is an "and": the API does not say which of the two
  // binds tighter, and for answers it refuses both in one filter.
  friend Filter operator||(const Filter& one, const Filter& other) { return any_of(one, other); }

 private:
  template <Kind>
  friend class Subject;
  static Filter all_of(const Filter& one, const Filter& other);
  static Filter any_of(const Filter& one, const Filter& other);
  void take_names(const Filter& one, const Filter& other);
  void write();

  std::vector<std::vector<std::string>> groups_;  // any of these, each all of its conditions
  std::vector<std::string> names_;                // attributes in it
  std::string text_;
};

// What a condition is about: an attribute of the elements, or a variable of recordData.
template <Kind kKind>
class Subject {
 public:
  explicit Subject(std::string_view name);  // throws FilterError for what can be no name

  friend Filter<kKind> operator==(const Subject& one, const Value& value) { return one.condition("==", value); }  // equal, with case
  friend Filter<kKind> operator!=(const Subject& one, const Value& value) { return one.condition("!=", value); }  // not equal
  friend Filter<kKind> operator<(const Subject& one, const Value& value) { return one.condition("<", value); }    // below
  friend Filter<kKind> operator<=(const Subject& one, const Value& value) { return one.condition("<=", value); }  // at most
  friend Filter<kKind> operator>(const Subject& one, const Value& value) { return one.condition(">", value); }    // above
  friend Filter<kKind> operator>=(const Subject& one, const Value& value) { return one.condition(">=", value); }  // at least
  // Contains the text, in any case; the API takes it as a regular expression.
  Filter<kKind> contains(const Value& value) const requires(kKind == Kind::answers) { return condition("=~", value); }

 private:
  Filter<kKind> condition(std::string_view symbol, const Value& value) const;
  std::string name_;
};

// An attribute by its name on the wire, for example "formKey", "queryComments.user". A text for an attribute that is a time may be a
// stamp as the API writes them; what is no time there is refused.
inline Subject<Kind::attributes> attribute(std::string_view name) { return Subject<Kind::attributes>(name); }
// A variable by its name in recordData.
inline Subject<Kind::answers> answer(std::string_view name) { return Subject<Kind::answers>(name); }

}  // namespace imednet::filters
