// Record data for a VARIANT: what passes is JSON to another reader too, and without what a VARIANT would change.
#include <nlohmann/json.hpp>
#include <set>

#include "fuzz/target.h"
#include "table/variant_check.h"

namespace imednet::fuzz {
namespace {

using nlohmann::json;
using Event = json::parse_event_t;

// Another reader's view of a text.
struct Seen {
  bool is_json = false, has_twin = false, has_zero = false, has_number = false;
  int depth = 0;
};

Seen seen(std::string_view text) {
  Seen result;
  std::vector<std::set<std::string>> keys;
  const auto look = [&](int, Event event, json& found) {
    if (event == Event::object_start || event == Event::array_start) keys.emplace_back();
    result.depth = std::max(result.depth, static_cast<int>(keys.size()));
    if ((event == Event::object_end || event == Event::array_end) && !keys.empty()) keys.pop_back();
    if (found.is_string()) result.has_zero = result.has_zero || found.get_ref<const std::string&>().find('\0') != std::string::npos;
    if (event == Event::key && !keys.empty()) result.has_twin = !keys.back().insert(found.get<std::string>()).second || result.has_twin;
    result.has_number = result.has_number || found.is_number();
    return true;
  };
  result.is_json = !json::parse(text, look, false).is_discarded();
  return result;
}

void run(std::string_view input) {
  const bool holds = table::variant_can_hold(input);
  if (input.find('\0') != std::string_view::npos) return require(!holds, "a zero byte is no JSON");  // the other reader stops there
  const Seen other = seen(input);
  if (holds)
    require(other.is_json && !other.has_twin && !other.has_zero && other.depth <= table::kVariantDepthLimit, "what passes is safe");
  if (input.starts_with("\xEF\xBB\xBF")) return;  // the other reader lets a byte order mark pass
  // Numbers have rules of their own; without them both readers must agree.
  if (other.is_json && !other.has_number && !other.has_twin && !other.has_zero && other.depth <= table::kVariantDepthLimit) {
    require(holds, "what is safe passes");
  }
}

}  // namespace

Target variant_target() {
  return {run,
          {"{",
           "}",
           "[",
           "]",
           ":",
           ",",
           "\"a\":",
           "\"b\"",
           "\"\\u0061\":",
           "\\u0000",
           "\\ud83d\\ude00",
           "\\ud800",
           "null",
           "true",
           "false",
           "1",
           "-0",
           "0.1",
           "1e400",
           "12345678901234567890123456789012345678",
           "9007199254740993",
           "1e-38",
           "{\"a\":1,\"a\":2}",
           "[[[[[[[[",
           "]]]]]]]]",
           " "},
          100'000};
}

}  // namespace imednet::fuzz
