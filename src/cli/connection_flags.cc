#include "cli/connection_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/key_passphrase.h"
#include "cli/terminal.h"
#include "core/log.h"
#include "settings/snowflake_keys.h"
#include "sinks/snowflake/sign_in.h"

namespace imednet::cli {

void define_connection_flags(CLI::App& command, settings::Typed& typed) {
  constexpr const char* kConnection = "Connection";
  constexpr const char* kSignIn = "Sign-in";
  command.add_option("--connection", typed.connection, "A connection of the Snowflake CLI's connections.toml or config.toml")
      ->check(CLI::Validator([](std::string& name) { return name.empty() ? "it is empty" : ""; }, "NAME"))
      ->group(kConnection);
  for (const settings::Definition& definition : settings::snowflake_definitions()) {
    if (definition.flag.empty()) continue;
    const std::string name(definition.name);
    CLI::Option* option = command
                              .add_option_function<std::string>(
                                  std::string(definition.flag), [&typed, name](const std::string& text) { typed.by_setting[name] = text; },
                                  std::string(definition.help))
                              ->group(definition.is_sign_in ? kSignIn : kConnection);
    if (definition.kind == settings::ValueKind::port) option->check(CLI::Range(1, 65535));
    if (definition.kind == settings::ValueKind::protocol) option->check(CLI::IsMember({"http", "https"}));
    if (definition.kind == settings::ValueKind::on_off) option->check(CLI::IsMember({"on", "off"}));
  }
}

void define_driver(CLI::App& command, std::string& driver) {
  command.add_option("--driver", driver, "Name or path of the ADBC driver")->capture_default_str()->group("Connection");
}

void define_login_timeout(CLI::App& command, int& seconds) {
  command.add_option("--login-timeout", seconds, "Seconds for signing in to Snowflake, tries included")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str()
      ->group("Connection");
}

void define_stage_prefix(CLI::App& command, std::string& prefix, const char* group) {
  command.add_option("--stage-prefix", prefix, "Directory on the stage")->capture_default_str()->group(group);
}

void define_ledger_schema(CLI::App& command, std::string& schema, const char* group) {
  command.add_option("--ledger-schema", schema, "Schema (or database.schema) of IMEDNET_LOADS; default the table's")->group(group);
}

void define_text_or_json(CLI::App& command, std::string& output) {
  command.add_option("--output", output, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str()->group("Output");
}

settings::SnowflakeSettings tell_settings(const settings::Typed& typed) {
  settings::SnowflakeSettings found(typed);
  for (const std::string& warning : found.warnings()) core::log_warning(warning);
  for (const std::string& note : found.notes()) core::log_detail(note);
  return found;
}

bool needs_password(const integrations::SnowflakeSinkConfig& config) {
  const auto kind = sinks::snowflake::kind_of(config);
  return kind == integrations::SignIn::password || kind == integrations::SignIn::mfa;
}

void apply_connection(const settings::Typed& typed, integrations::SnowflakeSinkConfig& config, std::string_view doing,
                      std::string_view unneeded) {
  const settings::SnowflakeSettings found = tell_settings(typed);
  found.require_complete(doing, unneeded);
  found.apply_to(config);
  if (needs_password(config) && config.password.empty()) {
    config.password =
        Secret(ask_without_echo("Snowflake password: ", "looked for " + found.places_of("password") + ", and for " + found.file_places()));
  }
  ask_for_passphrase(config);
}

void wipe_passcode(const settings::Typed& typed, const Context& context) {
  if (const auto passcode = typed.by_setting.find("passcode"); passcode != typed.by_setting.end()) context.wipe(passcode->second);
}

}  // namespace imednet::cli
