#pragma once

#include <memory>
#include <string>

namespace imednet::sandbox::edc {

// The right side of `=~`: a regular expression looked for anywhere in a text, upper and lower case alike.
class TextPattern {
 public:
  explicit TextPattern(const std::string& expression);  // throws RequestError when it is none, or too long

  bool is_in(const std::string& text) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace imednet::sandbox::edc
