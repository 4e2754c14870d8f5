#include "credentials.h"

#include <openssl/crypto.h>

#include "identifier.h"
#include "key_pair_token.h"
#include "result_json.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;
using Refusal = Credentials::Refusal;

constexpr int64_t kSecond = 1000000;
constexpr int64_t kOAuthSeconds = 600;                   // an access token of Snowflake's own OAuth [doc]
constexpr int64_t kAccessTokenSeconds = 15 * 24 * 3600;  // a programmatic access token by default [doc]

bool same_secret(const std::string& left, const std::string& right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string text_field(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Clients cut the account at its first dot or send it whole; case does not matter.
std::string account_part(const std::string& account) {
  const std::string upper = to_upper(account);
  return upper.substr(0, upper.find('.'));
}

Refusal wrong_password(const std::string& reason) { return {"390100", "Incorrect username or password was specified.", reason}; }

// The number in brackets leads an administrator to the reason [doc].
std::string with_number(const std::string& message) { return message + " [" + new_uuid() + "]"; }

}  // namespace

Credentials::Credentials(const SnowflakeServerOptions& options, const SandboxClock& clock)
    : options_(options), clock_(clock), started_us_(clock.now_us()) {
  if (!options.public_key.empty()) set_public_key(0, options.public_key);
}

std::optional<Refusal> Credentials::judge(const Json& data) const {
  const std::string kind = to_upper(text_field(data, "AUTHENTICATOR"));
  if (kind.empty() || kind == "SNOWFLAKE" || kind == "USERNAME_PASSWORD_MFA") return judge_password(data);
  if (kind == "SNOWFLAKE_JWT") return judge_key_pair(data);
  if (kind == "OAUTH") return judge_oauth(data);
  if (kind == "PROGRAMMATIC_ACCESS_TOKEN") return judge_access_token(data);
  return Refusal{"390139", "The authenticator " + kind + " is not accepted: the sandbox can't judge this kind of sign-in.",
                 "AUTHENTICATOR_NOT_SUPPORTED"};
}

std::optional<Refusal> Credentials::judge_name(const Json& data, bool required) const {
  if (account_part(text_field(data, "ACCOUNT_NAME")) != account_part(options_.account)) return wrong_password("another account");
  const std::string name = text_field(data, "LOGIN_NAME");
  if ((required || !name.empty()) && to_upper(name) != to_upper(options_.user)) return wrong_password("another user");
  return std::nullopt;
}

std::optional<Refusal> Credentials::judge_password(const Json& data) const {
  if (auto refusal = judge_name(data, true)) return refusal;
  if (!same_secret(text_field(data, "PASSWORD"), options_.password)) return wrong_password("another password");
  if (options_.passcode.empty()) return std::nullopt;
  const std::string passcode = text_field(data, "PASSCODE");
  if (passcode.empty()) {
    return Refusal{"394508", "MFA with TOTP is required. To authenticate, provide both your password and a current TOTP passcode.",
                   "no passcode"};
  }
  if (!same_secret(passcode, options_.passcode)) return Refusal{"390127", "TOTP Invalid", "another passcode"};
  return std::nullopt;
}

std::optional<Refusal> Credentials::judge_key_pair(const Json& data) const {
  KeyPairUser user{account_part(options_.account), to_upper(options_.user), {}};
  for (size_t slot = 0; slot < keys_.size(); ++slot) {
    if (const auto registered = public_key(slot)) user.keys.push_back(registered->key);
  }
  auto reason = judge_name(data, false) ? std::optional<std::string>("JWT_TOKEN_ACCOUNT_MISMATCH")
                                        : key_pair_refusal(text_field(data, "TOKEN"), user, clock_.now_us() / kSecond);
  if (!reason) return std::nullopt;
  return Refusal{"390144", with_number("JWT token is invalid."), *reason};
}

std::optional<Refusal> Credentials::judge_oauth(const Json& data) const {
  if (judge_name(data, false) || options_.oauth_token.empty() || !same_secret(text_field(data, "TOKEN"), options_.oauth_token)) {
    return Refusal{"390303", with_number("Invalid OAuth access token."), "another token, account or user"};
  }
  if (clock_.now_us() >= started_us_ + kOAuthSeconds * kSecond) {
    return Refusal{"390318", with_number("OAuth access token expired."), "expired"};
  }
  return std::nullopt;
}

std::optional<Refusal> Credentials::judge_access_token(const Json& data) const {
  const bool is_expired = clock_.now_us() >= started_us_ + kAccessTokenSeconds * kSecond;
  if (judge_name(data, true) || options_.access_token.empty() || is_expired ||
      !same_secret(text_field(data, "TOKEN"), options_.access_token)) {
    return Refusal{"394400", with_number("Programmatic access token is invalid."),
                   is_expired ? "expired" : "another token, account or user"};
  }
  return std::nullopt;
}

void Credentials::set_public_key(size_t slot, const std::string& text) {
  const auto key = PublicKey::parse(text);
  if (!key)
    throw SqlError("002047", "22023", "SQL execution error:\nNew public key rejected by current policy. Reason: 'Invalid public key'");
  const std::lock_guard lock(mutex_);
  keys_.at(slot) = RegisteredKey{*key, clock_.now_us()};
}

void Credentials::unset_public_key(size_t slot) {
  const std::lock_guard lock(mutex_);
  keys_.at(slot).reset();
}

std::optional<Credentials::RegisteredKey> Credentials::public_key(size_t slot) const {
  const std::lock_guard lock(mutex_);
  return keys_.at(slot);
}

}  // namespace imednet::sandbox::snowflake
