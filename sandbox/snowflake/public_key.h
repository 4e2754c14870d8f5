#pragma once

#include <memory>
#include <optional>
#include <string>

struct evp_pkey_st;

namespace imednet::sandbox::snowflake {

// A user's RSA public key, as ALTER USER gives it.
class PublicKey {
 public:
  // PEM, or the base64 between its first and last line. Nothing when it is no RSA key of 2048 bits or more.
  static std::optional<PublicKey> parse(const std::string& text);

  // "SHA256:<base64>" over the key's DER form [doc].
  const std::string& fingerprint() const { return fingerprint_; }
  // RS256.
  bool verifies(const std::string& text, const std::string& signature) const;

 private:
  explicit PublicKey(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
  std::string fingerprint_;
};

// Base64, of URLs too; with or without padding. Nothing when it is none.
std::optional<std::string> from_base64(const std::string& text);

}  // namespace imednet::sandbox::snowflake
