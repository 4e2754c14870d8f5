#include "credentials.h"

#include "identifier.h"
#include "json_field.h"
#include "key_pair_token.h"
#include "query_log.h"
#include "secret.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;
using Refusal = Credentials::Refusal;

constexpr int64_t kSecond = 1000000;
constexpr int64_t kOAuthSeconds = 600;                     // an access token of Snowflake's own OAuth [doc]
constexpr int64_t kAccessTokenSeconds = 15LL * 24 * 3600;  // a programmatic access token by default [doc]

// Clients cut the account at its first dot or send it whole; case does not matter.
std::string account_part(const std::string& account) {
  const std::string upper = to_upper(account);
  return upper.substr(0, upper.find('.'));
}

Refusal wrong_password(const std::string& reason) { return {"390100", "Incorrect username or password was specified.", reason}; }

// The number in brackets leads an administrator to the reason [doc].
std::string with_number(const std::string& message) { return message + " [" + new_uuid() + "]"; }

Refusal wrong_key_pair(const std::string& reason) { return {"390144", with_number("JWT token is invalid."), reason}; }
Refusal wrong_oauth(const std::string& reason) { return {"390303", with_number("Invalid OAuth access token."), reason}; }
Refusal wrong_access_token(const std::string& reason) { return {"394400", with_number("Programmatic access token is invalid."), reason}; }

}  // namespace

Credentials::Credentials(const SnowflakeServerOptions& options, const SandboxClock& clock, Users& users)
    : options_(options), clock_(clock), users_(users), started_us_(clock.now_us()) {
  const std::string name = to_upper(options.user);
  User first = users.find(name).value_or(User());
  first.name = name;
  if (first.created_us == 0) first.created_us = started_us_;
  if (!options.public_key.empty()) {
    require_public_key(options.public_key);
    first.keys[0] = {options.public_key, started_us_};
  }
  users.put(first);
}

bool Credentials::is_first(const User& user) const { return user.name == to_upper(options_.user); }

Credentials::Verdict Credentials::judge(const Json& data) const {
  const std::string kind = to_upper(text_field(data, "AUTHENTICATOR"));
  const bool by_password = kind.empty() || kind == "SNOWFLAKE" || kind == "USERNAME_PASSWORD_MFA";
  const bool by_access_token = kind == "PROGRAMMATIC_ACCESS_TOKEN";
  if (!by_password && !by_access_token && kind != "SNOWFLAKE_JWT" && kind != "OAUTH") {
    return {Refusal{"390139", "The authenticator " + kind + " is not accepted: the sandbox can't judge this kind of sign-in.",
                    "AUTHENTICATOR_NOT_SUPPORTED"},
            {},
            {}};
  }
  std::string reason;
  const auto user = named_user(data, by_password || by_access_token, reason);
  Verdict verdict;
  if (user) verdict.user = *user;
  if (by_password) {
    verdict.refusal = user ? judge_password(data, *user) : wrong_password(reason);
  } else if (kind == "SNOWFLAKE_JWT") {
    verdict.refusal = user ? judge_key_pair(data, *user) : wrong_key_pair("JWT_TOKEN_ACCOUNT_MISMATCH");
  } else if (by_access_token) {
    verdict.refusal = user ? judge_access_token(data, *user, verdict.role_restriction) : wrong_access_token(reason);
  } else {
    verdict.refusal = user ? judge_oauth(data, *user) : wrong_oauth(reason);
  }
  return verdict;
}

std::optional<User> Credentials::named_user(const Json& data, bool required, std::string& reason) const {
  reason = "another account";
  if (account_part(text_field(data, "ACCOUNT_NAME")) != account_part(options_.account)) return std::nullopt;
  reason = "another user";
  const std::string given = text_field(data, "LOGIN_NAME");
  if (required && given.empty()) return std::nullopt;
  if (!given.empty()) return users_.find(to_upper(given));
  const auto speaker = users_.find(user_in_token(text_field(data, "TOKEN")));
  return speaker ? speaker : users_.find(to_upper(options_.user));
}

std::optional<Refusal> Credentials::judge_password(const Json& data, const User& user) const {
  if (!is_first(user)) return wrong_password("a user without a password");
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

std::optional<Refusal> Credentials::judge_key_pair(const Json& data, const User& user) const {
  KeyPairUser signer{account_part(options_.account), user.name, {}};
  for (const User::Key& key : user.keys) {
    if (const auto registered = PublicKey::parse(key.text)) signer.keys.push_back(*registered);
  }
  const auto reason = key_pair_refusal(text_field(data, "TOKEN"), signer, clock_.now_us() / kSecond);
  return reason ? std::optional(wrong_key_pair(*reason)) : std::nullopt;
}

std::optional<Refusal> Credentials::judge_oauth(const Json& data, const User& user) const {
  if (!is_first(user) || options_.oauth_token.empty() || !same_secret(text_field(data, "TOKEN"), options_.oauth_token))
    return wrong_oauth("another token, account or user");
  if (clock_.now_us() >= started_us_ + kOAuthSeconds * kSecond)
    return Refusal{"390318", with_number("OAuth access token expired."), "expired"};
  return std::nullopt;
}

std::optional<Refusal> Credentials::judge_access_token(const Json& data, const User& user, std::string& role) const {
  const std::string given = text_field(data, "TOKEN");
  const int64_t now = clock_.now_us();
  if (is_first(user) && !options_.access_token.empty() && same_secret(given, options_.access_token)) {
    if (now < started_us_ + kAccessTokenSeconds * kSecond) return std::nullopt;
    return wrong_access_token("expired");
  }
  for (const auto& [name, token] : user.tokens) {
    if (!same_secret(digest_of(given), token.digest)) continue;
    if (now >= token.expires_us) return wrong_access_token("expired");
    role = token.role_restriction;
    return std::nullopt;
  }
  return wrong_access_token("another token, account or user");
}

void require_public_key(const std::string& text) {
  if (!PublicKey::parse(text))
    throw SqlError("002047", "22023", "SQL execution error:\nNew public key rejected by current policy. Reason: 'Invalid public key'");
}

}  // namespace imednet::sandbox::snowflake
