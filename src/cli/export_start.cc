#include "cli/export_start.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "core/environment.h"

namespace imednet::cli {
namespace {

void warn_of_typed_password(const ExportFlags& flags) {
  if (flags.password == "-" || flags.password.empty() || flags.quiet) return;
  say("imednet: warning: a password on the command line may be kept by shell history and audit logs; give - and set SNOWFLAKE_PASSWORD\n");
}

}  // namespace

integrations::SnowflakeSinkConfig start_export(ExportFlags& flags, const Context& context) {
  apply_log_level(flags);
  warn_of_typed_password(flags);
  integrations::SnowflakeSinkConfig config = to_config(flags);
  if (flags.password != "-") context.wipe(flags.password);
  wipe_passcode(flags.typed, context);
  config.stop = context.stop;
  return config;
}

ImednetSDK sdk_for(const ExportFlags& flags, const integrations::SnowflakeSinkConfig& config, const Context& context) {
  return ImednetSDK({.retry = {.max_retries = config.max_retries, .backoff = config.retry_backoff},
                     .stop = context.stop,
                     .rate = flags.rate,
                     .rate_file = flags.rate_file});
}

Secret resolve_address(const ExportFlags& flags, const Context& context) {
  if (flags.place != "-") {
    Secret typed(flags.place);
    context.wipe(flags.place);
    return typed;
  }
  Secret value = core::secret_environment("IMEDNET_SQL_URI");
  if (value.empty()) {
    throw errors::ExportConfigurationError(
        "cannot open a database: the address is missing",
        {.code = errors::ErrorCode::config, .hint = "set IMEDNET_SQL_URI, or the name of a file that holds it in IMEDNET_SQL_URI_FILE"});
  }
  return value;
}

Command answering_failures(Command run, std::shared_ptr<const ExportFlags> flags, std::function<std::vector<JsonMember>()> about) {
  return [run = std::move(run), flags = std::move(flags), about = std::move(about)](const Context& context) {
    try {
      return run(context);
    } catch (const ImednetError& error) {
      if (flags->output == "json") {
        nlohmann::ordered_json json;
        for (auto& [name, value] : about()) json[name] = value;
        json["error"] = {{"code", errors::code_name(error.code())}, {"message", error.what()}, {"hint", error.hint()}};
        json["exit"] = exit_code_of(error, SignalStop::received());
        write_out(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
        flush_out();
      }
      throw;
    }
  };
}

void bind_export(CLI::App& command, Command& chosen, void (*define)(CLI::App&, ExportFlags&), int (*run)(ExportFlags&, const Context&)) {
  auto flags = std::make_shared<ExportFlags>();
  define(command, *flags);
  command.callback([flags, run, &chosen] {
    chosen = answering_failures([flags, run](const Context& context) { return run(*flags, context); }, flags,
                                [flags] {
                                  return std::vector<JsonMember>{{"study", flags->study}, {"mode", flags->mode}};
                                });
  });
}

}  // namespace imednet::cli
