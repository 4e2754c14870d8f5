// public_key.h: a public key file as Snowflake's RSA_PUBLIC_KEY wants it.
//
// Errors: ExportConfigurationError (config) naming the file and the command that makes it right; a private key is refused and
//         never shown.
#pragma once

#include <filesystem>
#include <string>

namespace imednet::sinks::snowflake {

// The base64 text between the lines of its PEM form. RSA of at least 2048 bits.
std::string public_key_text(const std::filesystem::path& file);

}  // namespace imednet::sinks::snowflake
