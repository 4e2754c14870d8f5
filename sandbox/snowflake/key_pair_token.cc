#include "key_pair_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

constexpr int64_t kLongestLife = 3600;  // [doc]: a longer one is cut to an hour
constexpr int64_t kSkew = 60;           // [doc]: received within 60 seconds of its issue
// Behind the year 5138: the Node driver's times are in milliseconds [seen, src], so the service must take them too.
constexpr double kLatestSecond = 1e11;

Json part(const std::string& text) {
  const auto bytes = from_base64(text);
  return bytes ? Json::parse(*bytes, nullptr, false) : Json();
}

std::string text_of(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Seconds since 1970; drivers write whole numbers or fractions.
std::optional<int64_t> seconds_of(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double time = found->get<double>();
  return static_cast<int64_t>(time > kLatestSecond ? time / 1000 : time);
}

std::optional<std::string> times_refusal(const Json& claims, int64_t now) {
  const auto issued = seconds_of(claims, "iat");
  auto expires = seconds_of(claims, "exp");
  if (!issued || !expires) return "JWT_TOKEN_INVALID_FORMAT";
  if (*expires < *issued) return "JWT_TOKEN_INVALID_EXPIRATION_TIME";
  expires = std::min(*expires, *issued + kLongestLife);
  if (*expires <= now) return "JWT_TOKEN_EXPIRED";
  if (*issued < now - kSkew || *issued > now + kSkew) return "JWT_TOKEN_INVALID_ISSUE_TIME";
  if (const auto earliest = seconds_of(claims, "nbf"); earliest && *earliest > now) return "JWT_TOKEN_NOT_YET_VALID";
  return std::nullopt;
}

}  // namespace

// sub: ACCOUNT.USER, where the account has no dot. [doc]
std::string user_in_token(const std::string& token) {
  const size_t first = token.find('.');
  const size_t second = first == std::string::npos ? first : token.find('.', first + 1);
  if (second == std::string::npos) return {};
  const Json claims = part(token.substr(first + 1, second - first - 1));
  const std::string subject = claims.is_object() ? text_of(claims, "sub") : std::string();
  const size_t dot = subject.find('.');
  return dot == std::string::npos ? std::string() : subject.substr(dot + 1);
}

std::optional<std::string> key_pair_refusal(const std::string& token, const KeyPairUser& user, int64_t now_seconds) {
  const size_t first = token.find('.');
  const size_t second = first == std::string::npos ? first : token.find('.', first + 1);
  if (second == std::string::npos) return "JWT_TOKEN_INVALID_FORMAT";
  const Json head = part(token.substr(0, first));
  const Json claims = part(token.substr(first + 1, second - first - 1));
  const auto signature = from_base64(token.substr(second + 1));
  if (!head.is_object() || !claims.is_object() || !signature) return "JWT_TOKEN_INVALID_FORMAT";
  if (text_of(head, "alg") != "RS256") return "JWT_TOKEN_INVALID_ALGORITHM";
  const std::string subject = user.account + "." + user.user;
  const std::string issuer = text_of(claims, "iss");
  if (!text_of(claims, "sub").starts_with(user.account + ".")) return "JWT_TOKEN_ACCOUNT_MISMATCH";
  if (text_of(claims, "sub") != subject || !issuer.starts_with(subject + ".")) return "JWT_TOKEN_INVALID_USER_IN_ISSUER";
  const std::string fingerprint = issuer.substr(subject.size() + 1);
  const auto key = std::find_if(user.keys.begin(), user.keys.end(), [&](const PublicKey& one) { return one.fingerprint() == fingerprint; });
  if (key == user.keys.end()) return "JWT_TOKEN_PUBLIC_KEY_FINGERPRINT_MISMATCH";
  if (!key->verifies(token.substr(0, second), *signature)) return "JWT_TOKEN_INVALID_SIGNATURE";
  return times_refusal(claims, now_seconds);
}

}  // namespace imednet::sandbox::snowflake
