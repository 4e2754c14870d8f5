#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/edc/filter.h"
#include "sandbox/edc/resource.h"
#include "sandbox/edc/text_pattern.h"

namespace imednet::sandbox::edc {

// One attribute of one row in comparable form: text as text, every other kind as a number (seconds for stamps and dates).
struct Value {
  bool present = false;
  std::int64_t number = 0;
  std::string_view text;
};

// A term whose attribute is found and whose value is read as that attribute's kind.
struct BoundTerm {
  std::size_t attribute;
  AttributeKind kind;
  Comparison comparison;
  std::int64_t number;
  std::string text;

  // An absent value differs from everything and is neither less nor greater.
  bool matches(const Value& value) const;
};

using BoundFilter = std::vector<std::vector<BoundTerm>>;  // an OR of ANDs

// Throws RequestError (400, code 1000) for an unknown attribute or a value of another kind.
BoundFilter bind_filter(const Filter& filter, const Resource& resource);

// A term over recordData. Values there are text, so order is numeric when both sides are numbers and that of text otherwise.
class DataTerm {
 public:
  explicit DataTerm(const Term& term);  // throws RequestError for a pattern that is no regular expression

  const std::string& folded_name() const { return folded_name_; }
  bool matches(const std::optional<std::string>& value) const;

 private:
  std::string folded_name_;
  Comparison comparison_;
  std::string text_;
  std::optional<double> number_;
  std::optional<TextPattern> pattern_;  // of =~
};

using DataFilter = std::vector<std::vector<DataTerm>>;

DataFilter bind_data_filter(const Filter& filter);

// Lower case of the ASCII letters: names of variables and keys of recordData differ in case only.
std::string folded(std::string_view name);

}  // namespace imednet::sandbox::edc
