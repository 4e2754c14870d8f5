#include "sandbox/store/signed_grants.h"

#include "sandbox/store/digests.h"

namespace imednet::sandbox::store {
namespace {

constexpr const char* kBegin = "sandbox.";

}  // namespace

std::int64_t number_of(const std::string& digits) {
  if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos) return -1;
  return std::stoll(digits);
}

std::string SignedGrants::signature(const std::string& purpose, std::int64_t expires_us) const {
  return hex(hmac_sha256(secret_, std::to_string(expires_us) + "\n" + purpose));
}

SignedGrants::Verdict SignedGrants::judge(const std::string& purpose, std::int64_t expires_us, const std::string& given,
                                          std::int64_t now_us) const {
  if (!same_secret(given, signature(purpose, expires_us))) return Verdict::unknown;
  return now_us < expires_us ? Verdict::good : Verdict::expired;
}

std::string SignedGrants::token(std::int64_t expires_us) const {
  return kBegin + std::to_string(expires_us) + "." + signature("bearer", expires_us);
}

SignedGrants::Verdict SignedGrants::judge_token(const std::string& token, std::int64_t now_us) const {
  const std::string begin = kBegin;
  if (!token.starts_with(begin)) return Verdict::unknown;
  const auto dot = token.find('.', begin.size());
  if (dot == std::string::npos) return Verdict::unknown;
  return judge("bearer", number_of(token.substr(begin.size(), dot - begin.size())), token.substr(dot + 1), now_us);
}

}  // namespace imednet::sandbox::store
