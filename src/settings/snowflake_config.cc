// snowflake_config.cc: settings that were found as fields of the sink's config, and what is missing.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "core/environment.h"
#include "imednet/errors.h"
#include "settings/authenticator.h"
#include "settings/snowflake_keys.h"
#include "settings/snowflake_settings.h"

namespace imednet::settings {
namespace {

// The file is read anew each time, so that the secret may be replaced while nobody looks.
Secret secret_of(const Setting& setting) {
  return setting.secret_file.empty() ? setting.secret : core::read_secret_file(setting.source.name, setting.secret_file);
}

void apply_sign_in(const SnowflakeSettings& settings, integrations::SnowflakeSinkConfig& config) {
  if (const Setting& kind = settings.at("authenticator"); kind.source.kind > Source::Kind::fallback)
    config.sign_in = sign_in_of(kind.value, kind.source.name);
  if (const Setting& key = settings.at("private_key"); !key.secret_file.empty()) {
    config.private_key_file = key.secret_file;
  } else if (key.is_set()) {
    config.private_key = key.secret;
  }
  if (const Setting& token = settings.at("token"); !token.secret_file.empty()) {
    config.token_file = token.secret_file;
  } else if (token.is_set()) {
    config.token = token.secret;
  }
  if (const Setting& passphrase = settings.at("private_key_passphrase"); passphrase.is_set())
    config.private_key_passphrase = secret_of(passphrase);
  if (const Setting& passcode = settings.at("passcode"); passcode.is_set()) config.passcode = secret_of(passcode);
  if (const Setting& password = settings.at("password"); password.is_set()) config.password = secret_of(password);
  if (const Setting& provider = settings.at("workload_identity_provider"); provider.is_set())
    config.workload_identity_provider = provider.value;
  config.ocsp = settings.at("ocsp").value != "off";
}

bool is_word_of(std::string_view words, std::string_view word) {
  return fmt::format(" {} ", words).find(fmt::format(" {} ", word)) != std::string::npos;
}

}  // namespace

void SnowflakeSettings::apply_to(integrations::SnowflakeSinkConfig& config) const {
  const std::pair<std::string_view, std::string*> texts[] = {
      {"account", &config.account},   {"user", &config.user},        {"role", &config.role},   {"warehouse", &config.warehouse},
      {"database", &config.database}, {"schema", &config.schema},    {"stage", &config.stage}, {"table", &config.table},
      {"host", &config.host},         {"protocol", &config.protocol}};
  for (const auto& [name, field] : texts) {
    const Setting& setting = at(name);
    if (setting.source.kind > Source::Kind::fallback) *field = setting.value;
  }
  if (const std::string& port = at("port").value; !port.empty()) std::from_chars(port.data(), port.data() + port.size(), config.port);
  apply_sign_in(*this, config);
}

void SnowflakeSettings::require_complete(std::string_view doing, std::string_view unneeded) const {
  std::vector<std::string> missing;
  std::vector<std::string> hints;
  for (const Definition& definition : snowflake_definitions()) {
    if (!definition.is_required || is_word_of(unneeded, definition.name) || at(definition.name).is_set()) continue;
    missing.emplace_back(definition.name);
    hints.push_back(fmt::format("{}: {}", definition.name, places_of(definition.name)));
  }
  if (missing.empty()) return;
  throw errors::ExportConfigurationError(
      fmt::format("cannot {}: {} {} missing", doing, fmt::join(missing, ", "), missing.size() == 1 ? "is" : "are"),
      {.code = errors::ErrorCode::config,
       .hint = fmt::format("give what is missing; looked for {}; and for {}", fmt::join(hints, "; "), file_places()),
       .origin = {.system = "local"}});
}

}  // namespace imednet::settings
