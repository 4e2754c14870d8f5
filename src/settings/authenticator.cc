#include "settings/authenticator.h"

#include <fmt/format.h>

#include <array>

#include "core/redact.h"
#include "imednet/errors.h"

namespace imednet::settings {
namespace {

using integrations::SignIn;

struct Name {
  std::string_view text;
  SignIn kind;
};

// Ours first, then what the Snowflake CLI and its drivers call them.
constexpr std::array kNames = {
    Name{"auto", SignIn::automatic},
    Name{"password", SignIn::password},
    Name{"mfa", SignIn::mfa},
    Name{"key-pair", SignIn::key_pair},
    Name{"token", SignIn::access_token},
    Name{"oauth", SignIn::oauth},
    Name{"browser", SignIn::external_browser},
    Name{"workload-identity", SignIn::workload_identity},
    Name{"snowflake", SignIn::automatic},
    Name{"username_password_mfa", SignIn::mfa},
    Name{"snowflake_jwt", SignIn::key_pair},
    Name{"programmatic_access_token", SignIn::access_token},
    Name{"externalbrowser", SignIn::external_browser},
    Name{"workload_identity", SignIn::workload_identity},
};

}  // namespace

SignIn sign_in_of(std::string_view text, const std::string& source) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const Name& name : kNames) {
    if (name.text == lower) return name.kind;
  }
  std::string known;
  for (const Name& name : kNames) known += known.empty() ? std::string(name.text) : fmt::format(", {}", name.text);
  throw errors::ExportConfigurationError(
      fmt::format("cannot sign in by '{}' from {}: no such kind of sign-in", core::redact(text, 60), source),
      {.code = errors::ErrorCode::config, .hint = "use one of " + known, .origin = {.system = "local"}});
}

}  // namespace imednet::settings
