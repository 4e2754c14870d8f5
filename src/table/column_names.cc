#include "table/column_names.h"

#include <algorithm>

#include "core/digest.h"

namespace imednet::table {
namespace {

constexpr std::size_t kHashBytes = 4;

}  // namespace

std::string folded(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

std::string shortened(std::string_view name, std::size_t bytes) {
  if (name.size() <= bytes) return std::string(name);
  std::size_t end = bytes - 1 - 2 * kHashBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0u) == 0x80u) --end;
  return std::string(name.substr(0, end)) + "_" + core::sha256_hex(name, kHashBytes);
}

std::string column_name(std::string_view variable, bool is_taken, std::size_t bytes) {
  return shortened(is_taken ? "v_" + std::string(variable) : std::string(variable), bytes);
}

}  // namespace imednet::table
