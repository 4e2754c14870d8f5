// signed_grants.h: credentials that say themselves how long they are good, signed by the server that hands them out.
#pragma once

#include <cstdint>
#include <string>

namespace imednet::sandbox::store {

class SignedGrants {
 public:
  explicit SignedGrants(std::string secret) : secret_(std::move(secret)) {}

  // For that purpose until then; hexadecimal.
  std::string signature(const std::string& purpose, std::int64_t expires_us) const;
  enum class Verdict { good, expired, unknown };
  // Takes as long whatever differs.
  Verdict judge(const std::string& purpose, std::int64_t expires_us, const std::string& given, std::int64_t now_us) const;

  // A bearer token: sandbox.<expires>.<signature>.
  std::string token(std::int64_t expires_us) const;
  Verdict judge_token(const std::string& token, std::int64_t now_us) const;

 private:
  std::string secret_;
};

// Nothing but digits, up to 18 of them; else -1.
std::int64_t number_of(const std::string& digits);

}  // namespace imednet::sandbox::store
