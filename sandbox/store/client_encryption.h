// client_encryption.h: files as Snowflake's clients encrypt them before they upload.
//
// Rules:   the file: AES-CBC, PKCS#7 padding, a key and an IV of its own; that key: AES-ECB under the stage's master key, padded to a
//          block; keys are 16 or 32 bytes, as the master key is. So a file of n bytes is stored as 16 * (n / 16 + 1).
// Source:  what the clients wrote was read with it [seen].
#pragma once

#include <filesystem>
#include <string>

namespace imednet::sandbox::store {

// As it stands in the object's metadata, base64 undone.
struct FileKey {
  std::string wrapped_key;
  std::string iv;
};

// Throws std::invalid_argument when the key does not fit the file, or the file is damaged so that its end shows it. `to` is then not there.
void decrypt_file(const std::string& master_key, const FileKey& key, const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace imednet::sandbox::store
