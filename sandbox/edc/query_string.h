#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imednet::sandbox::edc {

// The query part of a request target. Parsed here, not by the HTTP library, because `filter=formKey==AE` sent without escapes must
// keep everything after the first `=`.
class QueryString {
 public:
  explicit QueryString(std::string_view text);

  std::optional<std::string> first(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

// `+` is a space in the query part only.
std::string percent_decoded(std::string_view text, bool plus_is_space);
// The path's segments, decoded; empty ones are dropped.
std::vector<std::string> path_segments(std::string_view path);

}  // namespace imednet::sandbox::edc
