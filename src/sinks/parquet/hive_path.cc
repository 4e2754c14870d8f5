#include "sinks/parquet/hive_path.h"

#include <fmt/format.h>

#include "core/digest.h"

namespace imednet::sinks::parquet {
namespace {

constexpr std::size_t kMostBytes = 200;  // of a value; file systems take 255 for the whole name
constexpr std::size_t kHashBytes = 8;

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

}  // namespace

std::string hive_part(std::string_view key, std::string_view value) {
  if (value.empty()) return fmt::format("{}=__HIVE_DEFAULT_PARTITION__", key);
  std::string text;
  for (const char c : value) {
    if (is_plain(c)) {
      text += c;
    } else {
      text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  if (text.size() > kMostBytes) text = text.substr(0, kMostBytes) + "-x" + core::sha256_hex(value, kHashBytes);
  return fmt::format("{}={}", key, text);
}

}  // namespace imednet::sinks::parquet
