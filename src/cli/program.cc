// program.cc: parse, run, say what went wrong once, choose the exit code.
#include <arrow/config.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <CLI/CLI.hpp>

#include <cstring>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "db/adbc.h"
#include "sinks/snowflake/session.h"

namespace imednet::cli {
namespace {

std::string version_text() {
  const auto driver = db::find_driver({"snowflake", sinks::snowflake::shipped_driver_directory()});
  return fmt::format("imednet {}\narrow {}, libcurl {}, {}\nADBC driver snowflake: {}\n", IMEDNET_VERSION,
                     arrow::GetBuildInfo().version_string, curl_version_info(CURLVERSION_NOW)->version, OpenSSL_version(OPENSSL_VERSION),
                     driver.value_or("not found"));
}

void wipe_from_title(int argc, char** argv, const std::string& secret) {
  for (int i = 1; i < argc; ++i) {
    if (secret == argv[i]) OPENSSL_cleanse(argv[i], std::strlen(argv[i]));
  }
}

void print_error(const ImednetError& error) {
  fmt::print(stderr, "imednet: error: {}\n", error.what());
  if (!error.hint().empty()) fmt::print(stderr, "hint: {}\n", error.hint());
}

}  // namespace

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
  add_records(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    if (!wants_version) return app.exit(success);
    write_out(version_text());
    return 0;
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return kUsage;
  }
  SignalStop signals;
  try {
    return chosen({signals.token(), [argc, argv](const std::string& secret) { wipe_from_title(argc, argv, secret); }});
  } catch (const ImednetError& error) {
    print_error(error);
    return exit_code_of(error, SignalStop::received());
  } catch (const std::exception& error) {
    fmt::print(stderr, "imednet: error: {}\nhint: this is a defect in the program; please report it\n", error.what());
    return kInternal;
  }
}

}  // namespace imednet::cli
