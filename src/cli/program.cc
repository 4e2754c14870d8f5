// program.cc: parse, run, say what went wrong once, choose the exit code.
#include <arrow/config.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "db/adbc.h"
#include "db/shipped_driver.h"

namespace imednet::cli {
namespace {

std::string version_text() {
  const auto driver = db::find_driver({"snowflake", db::shipped_driver_directory()});
  return fmt::format("imednet {}\narrow {}, libcurl {}, {}\nADBC driver snowflake: {}\n", IMEDNET_VERSION,
                     arrow::GetBuildInfo().version_string, curl_version_info(CURLVERSION_NOW)->version, OpenSSL_version(OPENSSL_VERSION),
                     driver.value_or("not found"));
}

void wipe_from_title(int argc, char** argv, const std::string& secret) {
  for (int i = 1; i < argc; ++i) {
    char* value = argv[i];
    if (char* behind = std::strchr(value, '='); value[0] == '-' && behind != nullptr) value = behind + 1;
    if (secret == value) OPENSSL_cleanse(value, std::strlen(value));
  }
}

void print_error(const ImednetError& error, bool is_load) {
  say("imednet: error: {}\n", error.what());
  std::string hint = error.hint();
  if (hint.empty() && error.code() == errors::ErrorCode::cancelled)
    hint = is_load ? "run it again to go on: what is loaded is not loaded twice" : "run it again";
  if (!hint.empty()) say("hint: {}\n", hint);
}

std::string command_so_far(const CLI::App& app) {
  std::string text = "imednet";
  for (const CLI::App* command = &app; !command->get_subcommands().empty();) {
    command = command->get_subcommands().front();
    text += " " + command->get_name();
  }
  return text;
}

bool looks_like_a_flag(std::string_view text) {
  return text.starts_with("--") && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
}

// Arguments nobody expects may be secrets in the wrong place: only what looks like a flag's name is said again.
std::string cause_of(const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) return error.what();
  std::string flags;
  for (const std::string& argument : app.remaining(true)) {
    const std::string name = argument.substr(0, argument.find('='));
    if (looks_like_a_flag(name)) flags += (flags.empty() ? "" : " ") + name;
  }
  return flags.empty() ? "there are more arguments than it takes" : fmt::format("it knows no {}", flags);
}

void print_usage_error(const CLI::App& app, const CLI::ParseError& error) {
  say("imednet: error: cannot understand the command line: {}\nhint: {} --help shows what it takes\n", cause_of(app, error),
      command_so_far(app));
}

}  // namespace

bool loads_driver(int argc, char** argv) {
  static constexpr std::array<std::string_view, 6> kCommands = {"export", "plan", "replay", "verify", "gc", "doctor"};
  return std::any_of(argv + std::min(argc, 1), argv + argc,
                     [](const char* word) { return std::find(kCommands.begin(), kCommands.end(), word) != kCommands.end(); });
}

int run_program(int argc, char** argv) {
  CLI::App app("Reads clinical studies from iMednet and loads them, with proof.", "imednet");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");
  bool wants_version = false;
  app.add_flag_callback(
      "--version",
      [&] {
        wants_version = true;
        throw CLI::Success();
      },
      "Versions of the program, its libraries and drivers");
  Command chosen;
  add_export(app, chosen);
  add_plan(app, chosen);
  add_replay(app, chosen);
  add_verify(app, chosen);
  add_lists(app, chosen);
  add_subject(app, chosen);
  add_jobs(app, chosen);
  add_config(app, chosen);
  add_setup(app, chosen);
  add_gc(app, chosen);
  add_doctor(app, chosen);
  add_completion(app, chosen);
  add_man(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    if (!wants_version) return app.exit(success);
    write_out(version_text());
    return 0;
  } catch (const CLI::ParseError& error) {
    print_usage_error(app, error);
    return kUsage;
  }
  SignalStop signals;
  try {
    return chosen({signals.token(), [argc, argv](const std::string& secret) { wipe_from_title(argc, argv, secret); }});
  } catch (const ImednetError& error) {
    print_error(error, loads_driver(argc, argv));
    return exit_code_of(error, SignalStop::received());
  } catch (const std::exception& error) {
    say("imednet: error: {}\nhint: this is a defect in the program; please report it\n", error.what());
    return kInternal;
  }
}

}  // namespace imednet::cli
