// doctor_command.cc: `imednet doctor`: tries each thing an export needs, a line each, with what to do.
#include <fmt/format.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "core/log.h"
#include "imednet/integrations/doctor.h"

namespace imednet::cli {
namespace {

using integrations::Check;
using integrations::DoctorReport;
using Json = nlohmann::ordered_json;

struct DoctorFlags {
  settings::Typed typed;
  integrations::SnowflakeSinkConfig config;
  std::string side, study, output = "text";
  int login_timeout_s = 30;
  bool verbose = false;
};

struct Part {
  std::string side;
  DoctorReport report;
};

std::string line(const std::string& side, const Check& check) {
  std::string text = fmt::format("{:<7}  {:<22}  {}", status_name(check.status), side + " " + check.what, check.detail);
  if (!check.advice.empty()) text += "  → " + check.advice;
  return text + "\n";
}

std::string to_text(const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts) {
    for (const Check& check : part.report.checks) text += line(part.side, check);
  }
  return text;
}

std::string to_json(const std::vector<Part>& parts, int exit_code) {
  Json checks = Json::array();
  for (const Part& part : parts) {
    for (const Check& check : part.report.checks) {
      Json json = {{"side", part.side},
                   {"check", check.what},
                   {"status", status_name(check.status)},
                   {"detail", check.detail},
                   {"advice", check.advice.empty() ? Json() : Json(check.advice)}};
      if (check.status == integrations::CheckStatus::fail) json["error"] = errors::code_name(check.error.code);
      checks.push_back(std::move(json));
    }
  }
  const Json json = {{"checks", std::move(checks)}, {"exit", exit_code}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// The code of the first failure's kind, as if an export had met it.
int exit_code_of_parts(const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    if (const Check* failed = part.report.first_failure()) return exit_code_of(ImednetError(failed->detail, failed->error), 0);
  }
  return 0;
}

// Settings that are missing are a check that failed like any other.
DoctorReport examine_snowflake(DoctorFlags& flags, const Context& context) {
  try {
    wipe_passcode(flags.typed, context);
    apply_connection(flags.typed, flags.config, "examine Snowflake");
  } catch (const ImednetError& error) {
    DoctorReport report;
    report.checks.push_back({.status = integrations::CheckStatus::fail,
                             .what = "settings",
                             .detail = error.what(),
                             .advice = error.hint(),
                             .error = error.detail()});
    return report;
  }
  flags.config.login_timeout = std::chrono::seconds(flags.login_timeout_s);
  flags.config.stop = context.stop;
  return integrations::examine_snowflake(flags.config);
}

int run_doctor(DoctorFlags& flags, const Context& context) {
  core::set_log_level(flags.verbose ? core::LogLevel::verbose : core::LogLevel::quiet);
  std::vector<Part> parts;
  const bool is_text = flags.output == "text";
  const auto add = [&](const char* side, DoctorReport report) {
    parts.push_back({side, std::move(report)});
    if (!is_text) return;
    write_out(to_text({parts.back()}));
    flush_out();
  };
  if (flags.side != "snowflake") add("edc", integrations::examine_edc({.retry = {.max_retries = 0}, .stop = context.stop}, flags.study));
  if (flags.side != "edc") add("snowflake", examine_snowflake(flags, context));
  const int code = exit_code_of_parts(parts);
  if (!is_text) {
    write_out(to_json(parts, code));
    flush_out();
  }
  return code;
}

}  // namespace

void add_doctor(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("doctor", "Try each thing an export needs, and say what to do where one fails");
  command->footer(
      "A line a check: ok, warn, fail or skipped, what, what was found, what to do. Nothing is left behind.\n"
      "Exit codes: 0 when no check failed, else that of the first failure, as an export would have it.");
  auto flags = std::make_shared<DoctorFlags>();
  command->add_option("SIDE", flags->side, "edc, or snowflake; both when it is left out")->check(CLI::IsMember({"edc", "snowflake"}));
  command->add_option("--study", flags->study, "Study whose records an export would read")->group("iMednet");
  define_connection_flags(*command, flags->typed);
  define_stage_prefix(*command, flags->config.stage_prefix, "Connection");
  define_ledger_schema(*command, flags->config.ledger_schema, "Connection");
  define_login_timeout(*command, flags->login_timeout_s);
  define_driver(*command, flags->config.driver);
  define_text_or_json(*command, flags->output);
  command->add_flag("-v,--verbose", flags->verbose, "Say more on stderr")->group("Output");
  command->callback([flags, &chosen] { chosen = [flags](const Context& context) { return run_doctor(*flags, context); }; });
}

}  // namespace imednet::cli
