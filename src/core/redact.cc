#include "core/redact.h"

#include <algorithm>
#include <array>
#include <regex>

namespace imednet::core {
namespace {

struct Rule {
  std::regex pattern;
  const char* replacement;
};

const auto& rules() {
  static const auto kFlags = std::regex::icase | std::regex::optimize;
  static const std::array rules = {
      Rule{std::regex("-----BEGIN [^-]*-----[^]*?(-----END [^-]*-----|$)", kFlags), "***"},
      // The query of a URL: signatures and tokens live there. The path stays.
      Rule{std::regex(R"(([a-z]://[^\s?'"<>]*)\?[^\s'"<>]*)", kFlags), "$1?***"},
      Rule{std::regex(R"(([a-z]://)[^\s/'"]+@)", kFlags), "$1***@"},
      Rule{std::regex(R"(\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+)", kFlags), "$1 ***"},
      Rule{std::regex(R"re((snowflake token=)"?[^"'\s,;&}]*"?)re", kFlags), "$1***"},
      // name=value, name: value and "name":"value" of anything that sounds secret. Quotes may be escaped, since a driver
      // quotes the body it got, or lack their end, since somebody cut the text.
      Rule{
          std::regex(
              R"re(((?:password|passwd|\bpwd|passphrase|passcode|secret|token|(?:api|security|private|master|account|access)[_-]?key|signature|\bsig|credential|AWS_KEY_ID)[A-Za-z0-9_-]*(?:\\*["'])?\s*[=:]\s*)(?:\\+"[^"]*(?:"|$)|"(?:[^"\\]|\\[^])*(?:"|$)|'(?:[^']|'')*(?:'|$)|[^\s,;&}'"]+))re",
              kFlags),
          "$1***"},
      // A JWT, wherever it stands.
      Rule{std::regex(R"(\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?)", kFlags), "***"},
  };
  return rules;
}

constexpr std::size_t kReadAtMost = 4096;  // the patterns recurse with the text; nobody needs a longer message

// Where to cut so that at most `limit` bytes stay and no character is split.
std::size_t end_of_characters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return limit;
}

// Control characters, those of U+0080 to U+009F included, become blanks; line ends stay for the rules that know them.
std::string without_controls(std::string_view text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_high_control = byte == 0xC2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xE0) == 0x80;
    if (is_high_control) ++i;
    const bool is_control = (byte < 0x20 && byte != '\n') || byte == 0x7f || is_high_control;
    clean.push_back(is_control ? ' ' : static_cast<char>(byte));
  }
  return clean;
}

}  // namespace

std::string redact(std::string_view text, std::size_t limit) {
  const std::size_t read = end_of_characters(text, kReadAtMost);
  std::string clean = without_controls(text.substr(0, read));
  for (const Rule& rule : rules()) clean = std::regex_replace(clean, rule.pattern, rule.replacement);
  std::replace(clean.begin(), clean.end(), '\n', ' ');
  const std::size_t end = end_of_characters(clean, limit);
  if (end == clean.size() && read == text.size()) return clean;
  return clean.substr(0, end) + "…";
}

}  // namespace imednet::core
