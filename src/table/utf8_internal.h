// utf8_internal.h: is this text UTF-8? (The Unicode Standard, table 3-7: no overlong forms, no surrogates.)
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace imednet::table {

inline constexpr std::uint64_t kHighBits = 0x8080808080808080u;

inline std::uint64_t load_eight(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Bytes of the well-formed sequence at `at`, whose first byte is >= 0x80; 0 when there is none.
inline int utf8_sequence_size(const char* at, const char* end) {
  const auto byte = [at](int i) { return static_cast<unsigned char>(at[i]); };
  const auto tail = [&](int i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned first = byte(0);
  const auto left = end - at;
  if (first >= 0xC2 && first <= 0xDF) {
    return left >= 2 && tail(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    if (left < 3 || !tail(1) || !tail(2)) {
      return 0;
    }
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (left < 4 || !tail(1) || !tail(2) || !tail(3)) {
      return 0;
    }
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

inline bool is_utf8(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (end - at >= 8 && (load_eight(at) & kHighBits) == 0) {
      at += 8;
    } else if (static_cast<unsigned char>(*at) < 0x80) {
      ++at;
    } else {
      const int size = utf8_sequence_size(at, end);
      if (size == 0) {
        return false;
      }
      at += size;
    }
  }
  return true;
}

}  // namespace imednet::table
