#include "sandbox/edc/predicate.h"

#include <algorithm>
#include <charconv>

#include "sandbox/edc/request_error.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

template <typename T>
bool compare(Comparison comparison, const T& left, const T& right) {
  switch (comparison) {
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessOrEqual:
      return left <= right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterOrEqual:
      return left >= right;
    case Comparison::kEqual:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
    case Comparison::kContains:
      return false;
  }
  return false;
}

template <typename T>
std::optional<T> parsed_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> filter_number(AttributeKind kind, std::string_view text) {
  switch (kind) {
    case AttributeKind::kInteger:
      return parsed_number<std::int64_t>(text);
    case AttributeKind::kBoolean:
      return text == "true" ? std::optional<std::int64_t>(1) : text == "false" ? std::optional<std::int64_t>(0) : std::nullopt;
    case AttributeKind::kStamp:
      return filter_stamp(text);
    case AttributeKind::kDate:
      return calendar_date(text);
    case AttributeKind::kText:
      return 0;
    case AttributeKind::kNested:
      return std::nullopt;
  }
  return std::nullopt;
}

BoundTerm bind_term(const Term& term, const Filter& filter, const Resource& resource) {
  const auto attribute = resource.find(term.attribute);
  if (!attribute) {
    throw bad_value("filter", filter.text, "unknown attribute " + term.attribute);
  }
  const AttributeKind kind = resource.attributes[*attribute].kind;
  const auto number = filter_number(kind, term.value);
  if (!number) {
    throw bad_value("filter", filter.text, "invalid value for attribute " + term.attribute);
  }
  return {*attribute, kind, term.comparison, *number, term.value};
}

}  // namespace

bool BoundTerm::matches(const Value& value) const {
  if (!value.present) {
    return comparison == Comparison::kNotEqual;
  }
  return kind == AttributeKind::kText ? compare(comparison, value.text, std::string_view(text)) : compare(comparison, value.number, number);
}

BoundFilter bind_filter(const Filter& filter, const Resource& resource) {
  BoundFilter bound;
  for (const auto& all_of : filter.any_of) {
    bound.emplace_back();
    for (const Term& term : all_of) {
      bound.back().push_back(bind_term(term, filter, resource));
    }
  }
  return bound;
}

DataTerm::DataTerm(const Term& term)
    : folded_name_(folded(term.attribute)), comparison_(term.comparison), text_(term.value), number_(parsed_number<double>(term.value)) {
  if (comparison_ == Comparison::kContains) {
    pattern_.emplace(text_);
  }
}

bool DataTerm::matches(const std::optional<std::string>& value) const {
  if (!value) {
    return comparison_ == Comparison::kNotEqual;
  }
  if (comparison_ == Comparison::kContains) {
    return pattern_->is_in(*value);
  }
  const bool is_order = comparison_ != Comparison::kEqual && comparison_ != Comparison::kNotEqual;
  if (is_order && number_) {
    if (const auto number = parsed_number<double>(*value)) {
      return compare(comparison_, *number, *number_);
    }
  }
  return compare(comparison_, *value, text_);
}

DataFilter bind_data_filter(const Filter& filter) {
  DataFilter bound;
  for (const auto& all_of : filter.any_of) {
    bound.emplace_back();
    for (const Term& term : all_of) {
      try {
        bound.back().emplace_back(term);
      } catch (const RequestError& error) {  // it is the parameter that has the value, not the term
        throw bad_value(error.attribute, filter.text, error.what());
      }
    }
  }
  return bound;
}

std::string folded(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace imednet::sandbox::edc
