// secret_file.h: a key, a token or a password that is kept in a file.
//
// Rule:    read anew at each call, so that a secret may rotate; at most 64 KiB. A pipe without a writer is empty; one whose
//          writer is silent is waited for, but not for long.
// Secrets: every copy that is made on the way is wiped.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "imednet/secret.h"

namespace imednet::core {

struct SecretFile {
  Secret bytes;       // all of them, as they stand
  std::string cause;  // why the file can't be read; empty when it was
};

// How long a silent writer is waited for.
inline constexpr std::chrono::milliseconds kSecretWait = std::chrono::seconds(10);

SecretFile read_secret_bytes(const std::filesystem::path& file, std::chrono::milliseconds wait = kSecretWait);

// The bytes of a file that must hold something. `what`: "private key", "token".
// Throws ExportConfigurationError (config) that names the file and why it can't be read.
Secret read_key_file(const std::filesystem::path& file, std::string_view what);

}  // namespace imednet::core
