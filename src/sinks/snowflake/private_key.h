// private_key.h: the private key of a key-pair sign-in, in whatever form people keep it, made ready for the driver.
//
// Reads:   PKCS#8 and PKCS#1, PEM and DER, encrypted or not; PEM text with CRLF or with line ends written as \n.
// Why:     the driver would send a passphrase to the server as a session parameter, so keys are decrypted here (ADR 0018).
// Secrets: every copy of the key that is made here is wiped. Messages name the file and the fix, never key or passphrase.
// Errors:  ExportConfigurationError (config), with the command that makes the key right as its hint.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "imednet/integrations/warehouse.h"
#include "imednet/secret.h"

namespace imednet::sinks::snowflake {

struct PrivateKey {
  Secret pkcs8_pem;         // unencrypted
  std::string fingerprint;  // of the public key, "SHA256:<base64>", as RSA_PUBLIC_KEY_FP in DESC USER
};

// The key that the settings name: the file, else the text.
PrivateKey read_private_key(const integrations::SnowflakeSinkConfig& config);

// Does that key need a passphrase? False also for what is no key at all: reading it will say so.
bool is_encrypted(const integrations::SnowflakeSinkConfig& config);

// What to say when others than its owner may read the file.
std::optional<std::string> warning_of_permissions(const std::filesystem::path& key_file);

}  // namespace imednet::sinks::snowflake
