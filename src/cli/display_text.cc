#include "cli/display_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "cli/display_ranges_internal.h"

namespace imednet::cli {
namespace {

// One letter of a text. `is_proper`: false for a byte that is no UTF-8, then it is that byte.
struct Letter {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool is_proper = true;
};

// The letter at the front of a text that is not empty.
Letter first_letter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80u) return {.code = lead};
  const std::size_t bytes = lead >= 0xf0u ? 4 : lead >= 0xe0u ? 3 : 2;
  const Letter broken{.code = lead, .is_proper = false};
  if (lead < 0xc2u || lead > 0xf4u || text.size() < bytes) return broken;
  char32_t code = lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return broken;
    code = (code << 6u) | (byte(i) & 0x3fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[bytes] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return broken;
  return {.code = code, .bytes = bytes};
}

bool is_in(std::span<const char32_t> ranges, char32_t code) {
  const auto after = std::ranges::upper_bound(ranges, code);
  const bool is_within = std::distance(ranges.begin(), after) % 2 == 1;
  return is_within || (after != ranges.begin() && *std::prev(after) == code);
}

std::size_t columns_of(char32_t code) {
  constexpr char32_t kFirstOther = 0x300;
  if (code < kFirstOther) return 1;
  if (is_in(kNoColumn, code)) return 0;
  return is_in(kTwoColumns, code) ? 2 : 1;
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code <= 0x9f); }

// Marks of direction, separators of lines and paragraphs, letters that nobody sees.
bool is_hidden(char32_t code) {
  return code == 0xad || code == 0x61c || code == 0x180e || code == 0x200b || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
         (code >= 0xe0000 && code <= 0xe007f);
}

std::string escaped(const Letter& letter) {
  if (letter.code == '\n') return "\\n";
  if (letter.code == '\t') return "\\t";
  if (!letter.is_proper || letter.code < 0x80) return fmt::format("\\x{:02x}", static_cast<unsigned>(letter.code));
  return fmt::format("\\u{:04x}", static_cast<unsigned>(letter.code));
}

}  // namespace

std::string harmless_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    if (!letter.is_proper || is_control(letter.code) || is_hidden(letter.code)) {
      out += escaped(letter);
    } else {
      out += text.substr(0, letter.bytes);
    }
    text.remove_prefix(letter.bytes);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    width += columns_of(letter.code);
    text.remove_prefix(letter.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (width == 0) return "";
  std::size_t bytes = 0, columns = 0, kept = 0;  // kept: what leaves room for an ellipsis
  for (std::string_view rest = text; !rest.empty();) {
    const Letter letter = first_letter(rest);
    columns += columns_of(letter.code);
    if (columns > width) return fmt::format("{}…", text.substr(0, kept));
    bytes += letter.bytes;
    if (columns < width) kept = bytes;
    rest.remove_prefix(letter.bytes);
  }
  return std::string(text);
}

}  // namespace imednet::cli
