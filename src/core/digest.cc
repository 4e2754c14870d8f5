#include "core/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "imednet/errors.h"

namespace imednet::core {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { start(EVP_sha256()); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
  // Without an algorithm it is the one before: looking one up takes a lock.
  void start(const EVP_MD* algorithm) {
    if (context == nullptr || EVP_DigestInit_ex2(context, algorithm, nullptr) != 1) {
      throw ImednetError("cannot make a digest: the crypto library refuses SHA-256", {.code = errors::ErrorCode::internal});
    }
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

Sha256Bytes Sha256::finish() {
  Sha256Bytes digest{};
  EVP_DigestFinal_ex(state_->context, digest.data(), nullptr);
  state_->start(nullptr);
  return digest;
}

void write_hex(std::span<const unsigned char> bytes, char* text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned char byte : bytes) {
    *text++ = kDigits[byte >> 4];
    *text++ = kDigits[byte & 15];
  }
}

std::string hex(const Sha256Bytes& digest, std::size_t bytes) {
  const auto shown = std::span(digest).first(std::min(bytes, digest.size()));
  std::string text(2 * shown.size(), '\0');
  write_hex(shown, text.data());
  return text;
}

std::string sha256_hex(std::string_view text, std::size_t bytes) {
  Sha256 digest;
  digest.update(text);
  return hex(digest.finish(), bytes);
}

Sha256Bytes sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Sha256 digest;
  std::array<char, 65536> buffer{};
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0)
    digest.update({buffer.data(), static_cast<std::size_t>(file.gcount())});
  if (!file.eof()) {
    throw ImednetError(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)),
                       {.code = errors::ErrorCode::io, .origin = {.system = "local"}});
  }
  return digest.finish();
}

}  // namespace imednet::core
