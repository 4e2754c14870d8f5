#include "settings/snowflake_keys.h"

#include <array>
#include <stdexcept>
#include <string>

namespace imednet::settings {

std::span<const Definition> snowflake_definitions() {
  static const std::array kDefinitions = {
      Definition{.name = "account",
                 .flag = "--account",
                 .help = "Snowflake account, as <organisation>-<account>",
                 .keys = {{"account"}},
                 .has_position = true,
                 .is_required = true},
      Definition{.name = "user", .flag = "--user", .help = "Snowflake user", .keys = {{"user"}}, .has_position = true, .is_required = true},
      Definition{.name = "authenticator",
                 .flag = "--authenticator",
                 .help = "Kind of sign-in: auto, password, mfa, key-pair, token, oauth, browser, workload-identity, or the name the "
                         "Snowflake CLI has for it",
                 .keys = {{"authenticator"}},
                 .fallback = "auto",
                 .is_sign_in = true},
      Definition{.name = "password", .kind = ValueKind::secret, .keys = {{"password"}}, .has_position = true},
      Definition{.name = "private_key",
                 .kind = ValueKind::secret,
                 .flag = "--private-key-file",
                 .help = "Private key for sign-in by key pair: PKCS#8 or PKCS#1, PEM or DER",
                 .keys = {{"private_key"}, {"private_key_raw"}, {"private_key_file", true}, {"private_key_path", true}},
                 .is_sign_in = true},
      Definition{.name = "private_key_passphrase",
                 .kind = ValueKind::secret,
                 .keys = {{"private_key_passphrase"}, {"private_key_file_pwd"}},
                 .variable = "PRIVATE_KEY_PASSPHRASE"},
      Definition{.name = "token",
                 .kind = ValueKind::secret,
                 .flag = "--token-file",
                 .help = "File with a programmatic access token or an OAuth token",
                 .keys = {{"token"}, {"token_file_path", true}},
                 .is_sign_in = true},
      Definition{.name = "passcode",
                 .kind = ValueKind::secret,
                 .flag = "--passcode",
                 .help = "Code from the authenticator app, for sign-in by password and MFA",
                 .keys = {{"passcode"}},
                 .is_sign_in = true},
      Definition{.name = "workload_identity_provider",
                 .flag = "--workload-identity-provider",
                 .help = "AWS, AZURE, GCP, or OIDC with a token",
                 .keys = {{"workload_identity_provider"}},
                 .is_sign_in = true},
      Definition{.name = "role", .flag = "--role", .help = "Role to use instead of the user's default", .keys = {{"role"}}},
      Definition{.name = "warehouse",
                 .flag = "--warehouse",
                 .help = "Warehouse",
                 .keys = {{"warehouse"}},
                 .has_position = true,
                 .is_required = true},
      Definition{.name = "database",
                 .flag = "--database",
                 .help = "Database; folded to upper case unless \"quoted\"",
                 .keys = {{"database"}},
                 .has_position = true,
                 .is_required = true},
      Definition{.name = "schema",
                 .flag = "--schema",
                 .help = "Schema",
                 .keys = {{"schema"}},
                 .fallback = "PUBLIC",
                 .has_position = true,
                 .is_required = true},
      Definition{.name = "stage",
                 .flag = "--stage",
                 .help = "Internal named stage, one to three dotted parts",
                 .keys = {{"stage"}},
                 .has_position = true,
                 .is_required = true},
      Definition{.name = "table",
                 .flag = "--table",
                 .help = "Target table, one to three dotted parts",
                 .keys = {{"table"}},
                 .has_position = true,
                 .is_required = true},
      Definition{.name = "host",
                 .flag = "--host",
                 .help = "Another endpoint than <account>.snowflakecomputing.com (SNOWFLAKE_HOST)",
                 .keys = {{"host"}}},
      Definition{.name = "port", .kind = ValueKind::port, .flag = "--port", .help = "Its port (SNOWFLAKE_PORT)", .keys = {{"port"}}},
      Definition{.name = "protocol",
                 .kind = ValueKind::protocol,
                 .flag = "--protocol",
                 .help = "http or https (SNOWFLAKE_PROTOCOL)",
                 .keys = {{"protocol"}}},
      Definition{.name = "ocsp",
                 .kind = ValueKind::on_off,
                 .flag = "--ocsp",
                 .help = "on, or off for loopback hosts only: ask whether certificates were revoked",
                 .keys = {{"ocsp"}},
                 .fallback = "on",
                 .is_sign_in = true},
  };
  return kDefinitions;
}

const Definition& definition_of(std::string_view name) {
  for (const Definition& definition : snowflake_definitions()) {
    if (definition.name == name) return definition;
  }
  throw std::logic_error("no Snowflake setting " + std::string(name));
}

}  // namespace imednet::settings
