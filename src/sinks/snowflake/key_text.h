// key_text.h: from what a file or a variable holds to the bytes of a key.
//
// Secrets: PemBlock wipes its bytes when it goes.
#pragma once

#include <string>

#include "imednet/secret.h"

namespace imednet::sinks::snowflake {

inline constexpr int kRsaBitsMin = 2048;  // Snowflake takes no shorter key

// One PEM block taken apart; of a DER file only the bytes.
struct PemBlock {
  std::string label;   // "PRIVATE KEY", empty for DER
  std::string header;  // "Proc-Type: 4,ENCRYPTED …" of old forms
  std::string der;

  PemBlock() = default;
  PemBlock(PemBlock&&) noexcept = default;
  PemBlock& operator=(PemBlock&&) = delete;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock();
};

// The first block of a private key; without one the first block; without any the bytes as they are.
PemBlock key_block(const Secret& given);

}  // namespace imednet::sinks::snowflake
