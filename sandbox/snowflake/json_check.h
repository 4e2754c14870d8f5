#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imednet::sandbox::snowflake {

// What PARSE_JSON makes of a text.
struct JsonVerdict {
  std::optional<std::string> refusal;  // why it would refuse it; blank text is no error (it gives NULL)
  bool is_compact = true;              // no white space between its parts, and not blank: nothing is left out of it
};
JsonVerdict judge_json(std::string_view text);

inline std::optional<std::string> json_refusal(std::string_view text) { return judge_json(text).refusal; }

}  // namespace imednet::sandbox::snowflake
