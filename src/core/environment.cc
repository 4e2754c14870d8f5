#include "core/environment.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "imednet/errors.h"

namespace imednet::core {
namespace {

constexpr std::size_t kSecretBytesMax = 65'536;  // a key file is a few KB; a mistaken path may be anything

[[noreturn]] void throw_settings(const std::string& message, const std::string& hint) {
  throw errors::ConfigurationError(message, {.code = errors::ErrorCode::config, .hint = hint, .origin = {.system = "local"}});
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(trimmed(value));
}

Secret read_secret_file(const std::string& setting, const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string content(kSecretBytesMax + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  const auto size = static_cast<std::size_t>(file.gcount());
  if (!file.eof() || size > kSecretBytesMax) {
    OPENSSL_cleanse(content.data(), content.size());
    const std::string cause = size > kSecretBytesMax ? "it is too large" : errno == 0 ? "it is not a readable file" : std::strerror(errno);
    throw_settings(fmt::format("cannot read the file {} named by {}: {}", path, setting, cause),
                   fmt::format("set {} to a file that holds the secret and nothing else", setting));
  }
  Secret secret(std::string(trimmed(std::string_view(content.data(), size))));
  OPENSSL_cleanse(content.data(), content.size());
  return secret;
}

Secret secret_environment(const std::string& name) {
  const std::string file_variable = name + "_FILE";
  const std::string file = environment(file_variable);
  std::string value = environment(name);
  if (file.empty()) return Secret(std::move(value));
  if (value.empty()) return read_secret_file(file_variable, file);
  throw_settings(fmt::format("cannot choose between {} and {}: both are set", name, file_variable),
                 fmt::format("unset {} or {}", name, file_variable));
}

}  // namespace imednet::core
