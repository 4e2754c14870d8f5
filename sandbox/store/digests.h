// digests.h: checksums, message codes and text forms of bytes, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace imednet::sandbox::store {

std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
// Nothing but base64 with its padding; throws std::invalid_argument.
std::string from_base64(std::string_view text);

// Raw bytes.
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
bool same_secret(std::string_view left, std::string_view right);  // takes as long wherever they differ
std::string random_bytes(std::size_t count);

// "MD5" or "SHA256" of what is added, raw.
class Digest {
 public:
  explicit Digest(const char* kind);
  ~Digest();
  void add(std::string_view bytes);
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace imednet::sandbox::store
