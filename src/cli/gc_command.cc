// gc_command.cc: `imednet gc`: shows what exports left behind, and removes it when a person or --yes says so.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "core/log.h"
#include "imednet/integrations/tidying.h"

namespace imednet::cli {
namespace {

using integrations::Leftovers;
using integrations::StageLeftover;
using integrations::TidyReport;
using Json = nlohmann::ordered_json;

constexpr std::size_t kPathsShown = 20;  // without --verbose
constexpr int kMostDays = 36'500;

struct GcFlags {
  settings::Typed typed;
  integrations::SnowflakeSinkConfig config;
  std::string stage_layout = "content", state_directory, output = "text";
  int older_than_days = 30;
  bool local_only = false, yes = false, verbose = false;
};

std::int64_t bytes_of(const Leftovers& found) {
  std::int64_t bytes = 0;
  for (const StageLeftover& file : found.stage_files) bytes += file.bytes;
  return bytes;
}

std::string more_line(std::size_t all, std::size_t shown) {
  return all > shown ? fmt::format("  … and {} more (-v shows all)\n", all - shown) : "";
}

std::string stage_text(const Leftovers& found, std::size_t most) {
  std::string text =
      fmt::format("{}: {} files last modified before {}, {} bytes; {} other files stay\n", found.stage, found.stage_files.size(),
                  found.limit, bytes_of(found), found.other_files + static_cast<std::int64_t>(found.kept.size()));
  if (!found.has_ledger) text += fmt::format("the ledger {} is not there: nothing is known to have been loaded\n", found.ledger);
  if (!found.stage_files.empty()) {
    const auto [oldest, newest] = std::minmax_element(found.stage_files.begin(), found.stage_files.end(),
                                                      [](const auto& a, const auto& b) { return a.last_modified < b.last_modified; });
    text += fmt::format("oldest {}, newest {}\n", oldest->last_modified, newest->last_modified);
    text += fmt::format("  {:<25}  {:>12}  {:<8}  {}\n", "last modified", "bytes", "ledger", "path");
  }
  const std::size_t shown = std::min(most, found.stage_files.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const StageLeftover& file = found.stage_files[i];
    text +=
        fmt::format("  {:<25}  {:>12}  {:<8}  {}\n", file.last_modified, file.bytes, file.is_in_ledger ? "loaded" : "unknown", file.path);
  }
  text += more_line(found.stage_files.size(), shown);
  for (const std::string& path : found.kept) text += fmt::format("  kept, since another file's path starts with it: {}\n", path);
  return text;
}

std::string local_text(const Leftovers& found, std::size_t most) {
  std::string text = fmt::format("this machine: {} folders and run-state files of runs that have ended\n", found.local.size());
  const std::size_t shown = std::min(most, found.local.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& leftover = found.local[i];
    text += fmt::format("  {:<25}  {:>12}  {:<8}  {}\n", leftover.last_changed, leftover.bytes, leftover.is_folder ? "folder" : "state",
                        leftover.path.string());
  }
  return text + more_line(found.local.size(), shown);
}

std::string found_text(const Leftovers& found, bool is_verbose) {
  const std::size_t most = is_verbose ? SIZE_MAX : kPathsShown;
  return (found.has_stage ? stage_text(found, most) : "") + local_text(found, most);
}

std::string to_json(const TidyReport& report, const GcFlags& flags) {
  const Leftovers& found = report.found;
  Json json = {{"older_than_days", flags.older_than_days}, {"limit", found.limit}, {"stage", nullptr}, {"local", Json::array()}};
  if (found.has_stage) {
    Json files = Json::array();
    for (const StageLeftover& file : found.stage_files)
      files.push_back(
          {{"path", file.path}, {"bytes", file.bytes}, {"last_modified", file.last_modified}, {"in_ledger", file.is_in_ledger}});
    json["stage"] = {{"name", found.stage},      {"ledger", found.ledger},           {"ledger_found", found.has_ledger},
                     {"bytes", bytes_of(found)}, {"other_files", found.other_files}, {"kept", found.kept},
                     {"files", std::move(files)}};
  }
  for (const auto& leftover : found.local) {
    json["local"].push_back({{"path", leftover.path.string()},
                             {"kind", leftover.is_folder ? "folder" : "run-state"},
                             {"bytes", leftover.bytes},
                             {"last_changed", leftover.last_changed}});
  }
  json["removed"] = {{"asked", report.was_removing}, {"stage_files", report.stage_files_gone}, {"local", report.local_gone}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// What is shown comes before the question.
bool may_remove(const Leftovers& found, const GcFlags& flags) {
  const bool is_text = flags.output == "text";
  if (is_text) {
    write_out(found_text(found, flags.verbose));
    flush_out();
  }
  if (flags.yes) return true;
  if (!is_text || !is_terminal(STDIN_FILENO)) return false;
  return ask_yes(fmt::format("Remove {} files? [y/N] ", found.stage_files.size() + found.local.size()));
}

std::string outcome_text(const TidyReport& report, const GcFlags& flags) {
  const Leftovers& found = report.found;
  if (found.empty()) return found_text(found, flags.verbose) + "Nothing to remove\n";
  if (!report.was_removing)
    return flags.yes || is_terminal(STDIN_FILENO) ? "Nothing was removed\n" : "Nothing was removed: give --yes to remove\n";
  if (!found.has_stage) return fmt::format("Removed {} from this machine\n", report.local_gone);
  return fmt::format("Removed {} files from the stage and {} from this machine; LIST shows none of them any more\n",
                     report.stage_files_gone, report.local_gone);
}

int run_gc(GcFlags& flags, const Context& context) {
  core::set_log_level(flags.verbose ? core::LogLevel::verbose : core::LogLevel::normal);
  const integrations::TidyOptions options{.older_than = std::chrono::hours(24) * flags.older_than_days,
                                          .state_directory = flags.state_directory};
  const auto ask = [&flags](const Leftovers& found) { return may_remove(found, flags); };
  TidyReport report;
  if (flags.local_only) {
    report = integrations::tidy_local(options, ask);
  } else {
    wipe_passcode(flags.typed, context);
    apply_connection(flags.typed, flags.config, "look for old files", "table");
    flags.config.stage_layout = flags.stage_layout == "flat" ? integrations::StageLayout::flat : integrations::StageLayout::by_content;
    flags.config.stop = context.stop;
    report = integrations::tidy_snowflake(flags.config, options, ask);
  }
  write_out(flags.output == "json" ? to_json(report, flags) : outcome_text(report, flags));
  flush_out();
  return 0;
}

}  // namespace

void add_gc(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("gc", "Show, and then remove, what exports left on the stage and on this machine");
  command->footer("Without --yes it asks on a terminal; elsewhere it shows and removes nothing. Rows of tables are never touched.");
  auto flags = std::make_shared<GcFlags>();
  constexpr const char* kWhat = "What goes";
  command->add_option("--older-than", flags->older_than_days, "Days; files changed since then stay")
      ->check(CLI::Range(0, kMostDays))
      ->capture_default_str()
      ->group(kWhat);
  command->add_flag("--yes", flags->yes, "Remove without asking")->group(kWhat);
  command->add_flag("--local-only", flags->local_only, "Look at this machine only; needs no Snowflake")->group(kWhat);
  define_stage_prefix(*command, flags->config.stage_prefix, kWhat);
  command->add_option("--stage-layout", flags->stage_layout, "content; flat: also <prefix>/<file> where IMEDNET_LOADS knows it")
      ->check(CLI::IsMember({"content", "flat"}))
      ->capture_default_str()
      ->group(kWhat);
  define_ledger_schema(*command, flags->config.ledger_schema, kWhat);
  command
      ->add_option("--state-dir", flags->state_directory,
                   "Folder of the run states; default $XDG_STATE_HOME/imednet, ~/.local/state/imednet")
      ->group(kWhat);
  define_connection_flags(*command, flags->typed);
  define_driver(*command, flags->config.driver);
  define_text_or_json(*command, flags->output);
  command->add_flag("-v,--verbose", flags->verbose, "Show every path, and say more on stderr")->group("Output");
  command->callback([flags, &chosen] { chosen = [flags](const Context& context) { return run_gc(*flags, context); }; });
}

}  // namespace imednet::cli
