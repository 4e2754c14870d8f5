// g++ 12 takes parts of std::regex for uninitialised when a sanitizer is on (GCC bug 105562).
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "sandbox/edc/text_pattern.h"

#include <algorithm>
#include <regex>

#include "sandbox/edc/request_error.h"

namespace imednet::sandbox::edc {
namespace {

// std::regex recurses over its input, so both sides are kept short enough for any stack.
constexpr std::size_t kLongestExpression = 256;
constexpr std::size_t kLongestText = 4096;

}  // namespace

struct TextPattern::Compiled {
  std::regex expression;
};

TextPattern::TextPattern(const std::string& expression) {
  if (expression.size() > kLongestExpression) {
    throw bad_value("recordDataFilter", expression, "the pattern is too long");
  }
  try {
    compiled_ = std::make_shared<Compiled>(Compiled{std::regex(expression, std::regex::ECMAScript | std::regex::icase)});
  } catch (const std::regex_error&) {
    throw bad_value("recordDataFilter", expression, "the pattern is not a regular expression");
  }
}

bool TextPattern::is_in(const std::string& text) const {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(text.size(), kLongestText));
  return std::regex_search(text.begin(), end, compiled_->expression);
}

}  // namespace imednet::sandbox::edc
