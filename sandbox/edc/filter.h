#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imednet::sandbox::edc {

enum class Comparison { kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kEqual, kNotEqual, kContains };

struct Term {
  std::string attribute;
  Comparison comparison;
  std::string value;
};

// The two parameters share a grammar but not every rule: only recordDataFilter knows `=~`, only filter may mix `;` and `,`.
enum class FilterDialect { kAttributes, kRecordData };

// An expression has no parentheses and AND binds tighter, so it is an OR of ANDs; none at all lets every row pass.
struct Filter {
  std::vector<std::vector<Term>> any_of;
  std::string text;

  bool empty() const { return any_of.empty(); }
};

// Throws RequestError (400, code 1000) naming the parameter.
Filter parse_filter(std::string_view text, FilterDialect dialect);

const char* parameter_name(FilterDialect dialect);

}  // namespace imednet::sandbox::edc
