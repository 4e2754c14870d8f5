#include "sinks/snowflake/sign_in.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/environment.h"
#include "core/secret_file.h"
#include "sinks/snowflake/endpoint.h"
#include "sinks/snowflake/private_key.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using integrations::SignIn;
using integrations::SnowflakeSinkConfig;

constexpr std::string_view kClientOption = "adbc.snowflake.sql.client_option.";
constexpr std::string_view kAuthType = "adbc.snowflake.sql.auth_type";
constexpr std::size_t kPasscodeBytesMax = 32;
constexpr std::size_t kOptionsMost = 40;  // of this and of session.cc together

[[noreturn]] void refuse(const std::string& cause, std::string hint) {
  throw errors::ExportConfigurationError("cannot connect to Snowflake: " + cause, {.code = ErrorCode::config, .hint = std::move(hint)});
}

bool is_blank(const Secret& secret) { return core::trimmed(secret.reveal()).empty(); }
bool has_key(const SnowflakeSinkConfig& config) { return config.private_key_file || !is_blank(config.private_key); }
bool has_token(const SnowflakeSinkConfig& config) { return config.token_file || !is_blank(config.token); }

void require_one(bool as_text, bool as_file, std::string_view what, std::string_view flag, std::string_view variable) {
  if (as_text && as_file) {
    refuse(fmt::format("the {} is given twice, as text and as a file", what), fmt::format("unset {} or {}_FILE", variable, variable));
  }
  if (!as_text && !as_file) refuse(fmt::format("the {} is missing", what), fmt::format("give {} or set {}", flag, variable));
}

void require_password(const SnowflakeSinkConfig& config) {
  if (is_blank(config.password)) {
    refuse("the password is missing",
           "give the password (for example from $SNOWFLAKE_PASSWORD), or sign in with a key pair (--private-key-file) or a token "
           "(--token-file)");
  }
}

// It goes into the driver's address, where other characters would need escapes.
void require_plain_passcode(const SnowflakeSinkConfig& config) {
  const std::string_view code = config.passcode.reveal();
  const bool is_plain = std::all_of(code.begin(), code.end(), [](unsigned char c) { return std::isalnum(c) != 0 && c < 0x80; });
  if (!is_plain || code.size() > kPasscodeBytesMax) {
    refuse("the passcode holds something else than letters and digits", "give the code that the authenticator app shows");
  }
}

void require_provider(const SnowflakeSinkConfig& config) {
  constexpr std::array kProviders = {"AWS", "AZURE", "GCP", "OIDC"};
  const std::string& provider = config.workload_identity_provider;
  if (std::find(kProviders.begin(), kProviders.end(), provider) == kProviders.end()) {
    refuse(provider.empty() ? "the workload identity provider is missing" : "the workload identity provider is unknown",
           "give --workload-identity-provider AWS, AZURE, GCP or OIDC");
  }
  if (provider == "OIDC") require_one(!is_blank(config.token), config.token_file.has_value(), "token", "--token-file", "SNOWFLAKE_TOKEN");
}

// No initialiser lists for secrets: they would leave a copy behind.
void add(SignInOptions& sign_in, std::string_view key, std::string value) {
  sign_in.options.emplace_back(std::string(key), std::move(value));
}

std::string client_option(std::string_view name) { return std::string(kClientOption).append(name); }

void add_password(SignInOptions& sign_in, const SnowflakeSinkConfig& config) {
  add(sign_in, "password", config.password.reveal());
  if (!config.passcode.empty()) sign_in.address_query = "passcode=" + config.passcode.reveal();
}

void add_key(SignInOptions& sign_in, const SnowflakeSinkConfig& config) {
  const PrivateKey key = read_private_key(config);
  add(sign_in, kAuthType, "auth_jwt");
  add(sign_in, client_option("jwt_private_key_pkcs8_value"), key.pkcs8_pem.reveal());
  sign_in.fingerprint = key.fingerprint;
}

void add_token(SignInOptions& sign_in, const SnowflakeSinkConfig& config) {
  const Secret token = config.token_file ? core::read_key_file(*config.token_file, "token") : config.token;
  const std::string_view text = core::trimmed(token.reveal());
  if (text.empty()) refuse("the token is empty", "put the token into the file and nothing else");
  add(sign_in, client_option("auth_token"), std::string(text));
}

}  // namespace

SignInOptions::~SignInOptions() {
  for (auto& [key, value] : options) OPENSSL_cleanse(value.data(), value.size());
  OPENSSL_cleanse(address_query.data(), address_query.size());
}

SignIn kind_of(const SnowflakeSinkConfig& config) {
  if (config.sign_in != SignIn::automatic) return config.sign_in;
  if (has_key(config)) return SignIn::key_pair;
  if (has_token(config)) return SignIn::access_token;
  return config.passcode.empty() ? SignIn::password : SignIn::mfa;
}

void check_sign_in(const SnowflakeSinkConfig& config) {
  switch (kind_of(config)) {
    case SignIn::mfa:
      require_plain_passcode(config);
      require_password(config);
      break;
    case SignIn::key_pair:
      require_one(!is_blank(config.private_key), config.private_key_file.has_value(), "private key", "--private-key-file",
                  "SNOWFLAKE_PRIVATE_KEY");
      break;
    case SignIn::access_token:
    case SignIn::oauth:
      require_one(!is_blank(config.token), config.token_file.has_value(), "token", "--token-file", "SNOWFLAKE_TOKEN");
      break;
    case SignIn::external_browser:
      break;
    case SignIn::workload_identity:
      require_provider(config);
      break;
    default:
      require_plain_passcode(config);
      require_password(config);
  }
  if (!config.ocsp.value_or(true) && !is_loopback(config.host)) {
    refuse("certificates must be asked about unless the server runs on this machine", "take away --ocsp off (SNOWFLAKE_OCSP)");
  }
}

void fill(SignInOptions& sign_in, const SnowflakeSinkConfig& config) {
  sign_in.options.reserve(kOptionsMost);  // what grows copies, and short texts would stay where they were
  switch (kind_of(config)) {
    case SignIn::mfa:
      add(sign_in, kAuthType, "auth_mfa");
      add_password(sign_in, config);
      break;
    case SignIn::key_pair:
      add_key(sign_in, config);
      break;
    case SignIn::access_token:
      add(sign_in, kAuthType, "auth_pat");
      add_token(sign_in, config);
      break;
    case SignIn::oauth:
      add(sign_in, kAuthType, "auth_oauth");
      add_token(sign_in, config);
      break;
    case SignIn::external_browser:
      add(sign_in, kAuthType, "auth_ext_browser");
      break;
    case SignIn::workload_identity:
      add(sign_in, kAuthType, "auth_wif");
      add(sign_in, client_option("identity_provider"), config.workload_identity_provider);
      if (has_token(config)) add_token(sign_in, config);
      break;
    default:
      add_password(sign_in, config);
  }
}

std::vector<std::string> sign_in_warnings(const SnowflakeSinkConfig& config) {
  std::vector<std::string> warnings;
  const SignIn kind = kind_of(config);
  if (kind == SignIn::password && !is_loopback(config.host)) {
    warnings.emplace_back(
        "Snowflake takes no password from users of type SERVICE any more, and asks persons for a second factor; see --private-key-file for "
        "a "
        "key pair");
  }
  if (kind != SignIn::key_pair || !config.private_key_file) return warnings;
  if (auto warning = warning_of_permissions(*config.private_key_file)) warnings.push_back(std::move(*warning));
  return warnings;
}

bool signs_in_through_others(const SnowflakeSinkConfig& config) {
  const SignIn kind = kind_of(config);
  return kind == SignIn::external_browser || kind == SignIn::workload_identity;
}

std::string refused_hint(const SnowflakeSinkConfig& config, const std::string& fingerprint) {
  switch (kind_of(config)) {
    case SignIn::mfa:
      return "check account, user and password, and give a fresh --passcode: each works once";
    case SignIn::key_pair:
      return fmt::format(
          "check account and user, compare {} with RSA_PUBLIC_KEY_FP in DESC USER (ALTER USER … SET RSA_PUBLIC_KEY = '…' registers a key), "
          "and "
          "check this machine's clock",
          fingerprint);
    case SignIn::access_token:
      return "check account and user, and that the programmatic access token has not expired, is not disabled and is this user's; a "
             "network "
             "policy may be needed too";
    case SignIn::oauth:
      return "check account and user, and get a fresh OAuth token; it must be this user's and allow the role";
    case SignIn::external_browser:
      return "check account and user, and that the account has single sign-on";
    case SignIn::workload_identity:
      return "check account and --workload-identity-provider, and the user's WORKLOAD_IDENTITY in DESC USER";
    default:
      return "check account, user and password; a service user needs key pair or token sign-in (--private-key-file, --token-file), a "
             "person "
             "with a second factor --passcode";
  }
}

}  // namespace imednet::sinks::snowflake
