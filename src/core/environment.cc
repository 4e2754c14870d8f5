#include "core/environment.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/secret_file.h"
#include "imednet/errors.h"

namespace imednet::core {
namespace {

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
  const SecretFile file = read_secret_bytes(path);
  if (!file.cause.empty()) {
    throw_settings(fmt::format("cannot read the file {} named by {}: {}", path, setting, file.cause),
                   fmt::format("set {} to a file that holds the secret and nothing else", setting));
  }
  return std::string(trimmed(file.bytes.reveal()));
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
