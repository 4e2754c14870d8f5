#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>

#include "sandbox/run/child.h"
#include "sandbox/run/installed_files.h"
#include "sandbox/run/query_client.h"
#include "sandbox/run/sandbox.h"
#include "sandbox/run/signals.h"

namespace imednet::sandbox {
namespace {

constexpr int kUsage = 2;
constexpr int kHighestPort = 65535;
constexpr int kLongestAnswerSeconds = 3600;
constexpr int kLongestLatencyMs = 60'000;

std::string environment_value(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

edc::SyntheticStudy parse_synthetic(const std::string& text) {
  const std::size_t colon = std::min(text.rfind(':'), text.size());
  edc::SyntheticStudy study{text.substr(0, colon), 0};
  const char* const start = text.data() + std::min(colon + 1, text.size());
  const auto [end, error] = std::from_chars(start, text.data() + text.size(), study.records);
  if (study.study_key.empty() || error != std::errc() || end != text.data() + text.size()) {
    throw CLI::ValidationError("--synthetic", "KEY:N expected, for example BIG:1000000");
  }
  return study;
}

// What the file holds, without white space at its end.
std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (text.empty()) {
    throw CLI::ValidationError(path, "the file is empty or can't be read");
  }
  return text;
}

void add_sign_in_options(CLI::App& app, SandboxOptions& options) {
  const std::pair<const char*, std::pair<std::string*, const char*>> files[] = {
      {"--public-key", {&options.public_key, "PEM file: the user's public key, as ALTER USER … SET RSA_PUBLIC_KEY would set it"}},
      {"--access-token-file", {&options.access_token, "file with the programmatic access token to accept, for 15 days"}},
      {"--oauth-token-file", {&options.oauth_token, "file with the OAuth token to accept, for 10 minutes"}}};
  for (const auto& [name, target] : files) {
    std::string* const text = target.first;
    app.add_option_function<std::string>(
           name, [text](const std::string& path) { *text = file_text(path); }, target.second)
        ->check(CLI::ExistingFile);
  }
  app.add_option("--passcode", options.passcode, "the code that sign-in by password asks for besides");
}

void add_options(CLI::App& app, SandboxOptions& options, bool edc, bool snowflake) {
  if (edc) {
    app.add_option("--studies", options.studies, "folder of a study to serve, in place of the sample; may be given again")
        ->check(CLI::ExistingDirectory)
        ->allow_extra_args(false);
    app.add_option_function<std::vector<std::string>>(
           "--synthetic",
           [&options](const std::vector<std::string>& texts) {
             std::transform(texts.begin(), texts.end(), std::back_inserter(options.synthetic), parse_synthetic);
           },
           "KEY:N serves N records under KEY, made from those of the first study")
        ->allow_extra_args(false);
    app.add_option("--edc-port", options.edc_port, "port of the sample API (0: chosen by the system)")->check(CLI::Range(0, kHighestPort));
    app.add_option_function<int>(
           "--latency-ms", [&options](int time) { options.latency = std::chrono::milliseconds(time); },
           "wait before each answer of the sample API")
        ->check(CLI::Range(0, kLongestLatencyMs));
  }
  if (snowflake) {
    app.add_option("--data-dir", options.data_dir, "where tables and stages are kept (else a temporary directory)");
    add_sign_in_options(app, options);
    app.add_option("--stage-kind", options.stage_kind,
                   "s3, gcs, gcs-presigned, azure: an object store over TLS, encrypted by the clients; local: a directory")
        ->check(CLI::IsMember({"s3", "gcs", "gcs-presigned", "azure", "local"}));
    app.add_option("--stage-key-bits", options.stage_key_bits, "of the stages' master keys")->check(CLI::IsMember({128, 256}));
    app.add_option("--stage-object-max", options.stage_object_max, "bytes of the largest object on a stage (5 GiB)")
        ->check(CLI::Range(std::int64_t{1}, options.stage_object_max));
    app.add_option("--answer-within", options.answer_within_seconds, "seconds after which a statement is polled for (45)")
        ->check(CLI::Range(1, kLongestAnswerSeconds));
    app.add_option("--result-format", options.result_format, "of queries, for clients that read both")
        ->check(CLI::IsMember({"json", "arrow"}));
    app.add_option("--snowflake-port", options.snowflake_port, "port of the Snowflake server (0: chosen by the system)")
        ->check(CLI::Range(0, kHighestPort));
  }
  app.add_flag("--allow-faults", options.allow_faults, "open /sandbox/… for fault orders and changes");
}

int serve(const SandboxOptions& options) {
  const Sandbox sandbox(options);
  fmt::print("{}\n", sandbox.addresses());
  std::fflush(stdout);
  while (next_signal().number == SIGCHLD) {  // nothing of ours, serve on
  }
  return 0;
}

int run(SandboxOptions options, const std::vector<std::string>& command) {
  // Somebody who points IMEDNET_BASE_URL at another API means that one, with their own keys.
  options.edc = environment_value("IMEDNET_BASE_URL").empty();
  const Sandbox sandbox(options);
  auto variables = sandbox.environment();
  variables["PATH"] = executable_directory().string() + ":" + environment_value("PATH");
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    variables[name] = no_proxy_with_loopback(std::getenv(name));
  }
  return run_child(command, variables);
}

int dispatch(std::vector<std::string> arguments) {
  // What follows the first -- is somebody else's command line.
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  const std::vector<std::string> command(dashes == arguments.end() ? dashes : dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());

  SandboxOptions options;
  CLI::App app{"A sample iMednet API and a Snowflake-compatible server, on this machine only"};
  app.set_version_flag("--version", IMEDNET_VERSION);
  app.require_subcommand(1);
  CLI::App* const edc = app.add_subcommand("edc", "the sample iMednet API");
  CLI::App* const snowflake = app.add_subcommand("snowflake", "the Snowflake-compatible server");
  CLI::App* const both = app.add_subcommand("serve", "both; prints their addresses as one line of JSON");
  CLI::App* const run_command =
      app.add_subcommand("run", "both, with a command that finds them in its environment: run [options] -- COMMAND…");
  CLI::App* const query = app.add_subcommand("query", "inside run: print the rows of one statement on the Snowflake server");
  std::string statement;
  query->add_option("SQL", statement, "one statement")->required();
  add_options(*edc, options, true, false);
  add_options(*snowflake, options, false, true);
  add_options(*both, options, true, true);
  add_options(*run_command, options, true, true);
  std::reverse(arguments.begin(), arguments.end());  // as the parser takes a vector
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (run_command->parsed() == command.empty()) {
    fmt::print(stderr, "imednet-sandbox: {}\n",
               command.empty() ? "run needs a command: run [options] -- COMMAND…" : "only run takes a command");
    return kUsage;
  }
  if (run_command->parsed()) {
    return run(options, command);
  }
  if (query->parsed()) {
    return run_query(statement);
  }
  options.edc = !snowflake->parsed();
  options.snowflake = !edc->parsed();
  return serve(options);
}

}  // namespace
}  // namespace imednet::sandbox

int main(int argc, char** argv) {
  imednet::sandbox::hold_signals();
  try {
    return imednet::sandbox::dispatch(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "imednet-sandbox: {}\n", error.what());
    return 1;
  }
}
