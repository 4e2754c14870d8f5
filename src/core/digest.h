// digest.h: SHA-256, the only digest of this project (names, manifests, row hashes).
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace imednet::core {

using Sha256Bytes = std::array<unsigned char, 32>;

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  // The digest of all updates; the object is then empty again and may be reused (no allocation).
  Sha256Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Two lower-case hex digits a byte.
void write_hex(std::span<const unsigned char> bytes, char* text);

// Lower-case hex of the first `bytes` bytes.
std::string hex(const Sha256Bytes& digest, std::size_t bytes = 32);

// The first `bytes` bytes of a text's digest, as hex() writes them.
std::string sha256_hex(std::string_view text, std::size_t bytes = 32);

// Digest of a whole file, read in pieces. Throws ImednetError (io).
Sha256Bytes sha256_file(const std::filesystem::path& path);

}  // namespace imednet::core
