#include "public_key.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>

namespace imednet::sandbox::snowflake {

namespace {

constexpr int kFewestBits = 2048;  // [doc]

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

// What stands between the lines -----BEGIN … and -----END …; the whole text when there are none.
std::string body_of(const std::string& text) {
  constexpr const char* kLineEnd = "-----";
  const size_t begin = text.find("-----BEGIN PUBLIC KEY-----");
  const size_t end = text.find("-----END PUBLIC KEY-----");
  if (begin == std::string::npos || end == std::string::npos) return text;
  const size_t from = text.find(kLineEnd, begin + 10) + 5;
  return from < end ? text.substr(from, end - from) : std::string();
}

std::string base64(const unsigned char* bytes, size_t size) {
  std::string out(4 * ((size + 2) / 3) + 1, '\0');
  out.resize(static_cast<size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size))));
  return out;
}

}  // namespace

std::optional<std::string> from_base64(const std::string& text) {
  std::string out;
  unsigned bits = 0;
  int held = 0;
  bool padded = false;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      padded = true;
      continue;
    }
    const int digit = digit_of(c);
    if (digit < 0 || padded) return std::nullopt;
    bits = (bits << 6) | static_cast<unsigned>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> held) & 0xFF);
  }
  return out;
}

PublicKey::PublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned digest_size = 0;
  if (size > 0) EVP_Digest(der, static_cast<size_t>(size), digest.data(), &digest_size, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  fingerprint_ = "SHA256:" + base64(digest.data(), digest_size);
}

std::optional<PublicKey> PublicKey::parse(const std::string& text) {
  const auto der = from_base64(body_of(text));
  if (!der || der->empty()) return std::nullopt;
  const auto* at = reinterpret_cast<const unsigned char*>(der->data());
  std::shared_ptr<evp_pkey_st> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der->size())), EVP_PKEY_free);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key.get()) < kFewestBits) return std::nullopt;
  return PublicKey(std::move(key));
}

bool PublicKey::verifies(const std::string& text, const std::string& signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

}  // namespace imednet::sandbox::snowflake
