// Formats of dates and times: YYYY-MM-DD HH24:MI:SS.FF3 …
#include <algorithm>

#include "functions.h"
#include "identifier.h"

namespace imednet::sandbox::snowflake {

std::optional<std::string> time_format(const std::string& format) {
  // Longer ones first: what begins alike must not be cut short.
  static const std::vector<std::pair<std::string, std::string>> kElements = {
      {"YYYY", "%Y"}, {"YY", "%y"},   {"MMMM", "%B"}, {"MON", "%b"}, {"MM", "%m"},  {"DD", "%d"},
      {"DY", "%a"},   {"HH24", "%H"}, {"HH12", "%I"}, {"HH", "%H"},  {"MI", "%M"},  {"SS", "%S"},
      {"AM", "%p"},   {"PM", "%p"},   {"FF3", "%g"},  {"FF6", "%f"}, {"FF9", "%n"}, {"FF", "%n"}};
  const std::string upper = to_upper(format);
  std::string out;
  for (size_t at = 0; at < format.size();) {
    const auto found = std::find_if(kElements.begin(), kElements.end(),
                                    [&](const auto& element) { return upper.compare(at, element.first.size(), element.first) == 0; });
    if (found != kElements.end()) {
      out += found->second;
      at += found->first.size();
    } else if (format[at] == '"') {
      const size_t close = format.find('"', at + 1);
      if (close == std::string::npos) return std::nullopt;
      out += format.substr(at + 1, close - at - 1);
      at = close + 1;
    } else if (std::string_view("-/.:, TZ").find(upper[at]) != std::string_view::npos) {
      out += format[at++];
    } else {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
