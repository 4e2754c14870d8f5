// canonical_bytes_internal.h: the bytes that row hashes are made of. Included by .cc files only.
//
// Formats: docs/formats/records-layout.md and forms-layout.md, "Row hash". A change of one byte here is a new version of both layouts.
#pragma once

#include <cstdint>
#include <string>

namespace imednet::table {

inline constexpr char kNullTag = 0x00, kTextTag = 0x01, kIntegerTag = 0x02, kBooleanTag = 0x03, kTimestampTag = 0x04, kRealTag = 0x05,
                      kDateTag = 0x06, kMomentTag = 0x07;

// Least significant first, whatever the machine.
inline void append_eight_bytes(std::string& out, std::uint64_t value) {
  char bytes[8];
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xFFu);
    value >>= 8;
  }
  out.append(bytes, sizeof bytes);
}

}  // namespace imednet::table
