#include "cli/connection_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "settings/snowflake_keys.h"

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

}  // namespace imednet::cli
