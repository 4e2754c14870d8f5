#include "cli/export_start.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/signals.h"

namespace imednet::cli {
namespace {

void warn_of_typed_password(const ExportFlags& flags) {
  if (flags.password == "-" || flags.password.empty() || flags.quiet) return;
  fmt::print(
      stderr,
      "imednet: warning: a password on the command line may be kept by shell history and audit logs; give - and set SNOWFLAKE_PASSWORD\n");
}

}  // namespace

integrations::SnowflakeSinkConfig start_export(ExportFlags& flags, const Context& context) {
  apply_log_level(flags);
  warn_of_typed_password(flags);
  integrations::SnowflakeSinkConfig config = to_config(flags);
  if (flags.password != "-") context.wipe(flags.password);
  if (const auto passcode = flags.typed.by_setting.find("passcode"); passcode != flags.typed.by_setting.end())
    context.wipe(passcode->second);
  config.stop = context.stop;
  return config;
}

ImednetSDK sdk_for(const integrations::SnowflakeSinkConfig& config, const Context& context) {
  return ImednetSDK({.retry = {.max_retries = config.max_retries, .backoff = config.retry_backoff}, .stop = context.stop});
}

void write_failure(const ExportFlags& flags, const ImednetError& error) {
  if (flags.output != "json") return;
  const nlohmann::ordered_json json = {
      {"study", flags.study},
      {"mode", flags.mode},
      {"error", {{"code", errors::code_name(error.code())}, {"message", error.what()}, {"hint", error.hint()}}},
      {"exit", exit_code_of(error, SignalStop::received())}};
  write_out(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  flush_out();
}

Command failing_in_json(const std::shared_ptr<ExportFlags>& flags, int (*run)(ExportFlags&, const Context&)) {
  return [flags, run](const Context& context) {
    try {
      return run(*flags, context);
    } catch (const ImednetError& error) {
      write_failure(*flags, error);
      throw;
    }
  };
}

}  // namespace imednet::cli
