#include "cli/key_passphrase.h"

#include <string>

#include "cli/terminal.h"
#include "imednet/errors.h"
#include "sinks/snowflake/private_key.h"
#include "sinks/snowflake/sign_in.h"

namespace imednet::cli {

void ask_for_passphrase(integrations::SnowflakeSinkConfig& config) {
  if (sinks::snowflake::kind_of(config) != integrations::SignIn::key_pair || !config.private_key_passphrase.empty()) return;
  if (!sinks::snowflake::is_encrypted(config)) return;
  const std::string name = config.private_key_file ? config.private_key_file->string() : "SNOWFLAKE_PRIVATE_KEY";
  try {
    config.private_key_passphrase = Secret(ask_without_echo("Passphrase of " + name + ": ", ""));
  } catch (const errors::ExportConfigurationError&) {
    return;  // no terminal
  }
}

}  // namespace imednet::cli
