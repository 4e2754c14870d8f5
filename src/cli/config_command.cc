// config_command.cc: `imednet config show`: every setting, its value and where it came from. No network, and no secret shown.
#include <fmt/format.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/output.h"
#include "core/log.h"
#include "core/redact.h"
#include "settings/imednet_settings.h"
#include "settings/snowflake_settings.h"

namespace imednet::cli {
namespace {

using settings::Setting;
using Json = nlohmann::ordered_json;

struct ConfigFlags {
  settings::Typed typed;
  std::string output = "text";
  bool verbose = false;
};

struct Row {
  std::string name;
  const Setting* setting;
};

// What may be shown: of a secret only whether there is one.
std::string shown_value(const Setting& setting) {
  if (!setting.is_set()) return "unset";
  return setting.is_secret ? "set" : core::redact(setting.value, 300);
}

std::string shown_source(const Setting& setting) {
  if (!setting.is_set()) return "";
  const std::string source = setting.source.kind == settings::Source::Kind::fallback
                                 ? "default"
                                 : fmt::format("{} {}", kind_name(setting.source.kind), core::redact(setting.source.name, 300));
  return setting.secret_file.empty() ? source : fmt::format("{}: {}", source, core::redact(setting.secret_file, 300));
}

Json to_json(const Row& row) {
  const Setting& setting = *row.setting;
  Json json = {{"name", row.name}};
  if (setting.is_secret) {
    json["secret"] = true;
    json["set"] = setting.is_set();
  } else {
    json["value"] = setting.is_set() ? Json(core::redact(setting.value, 300)) : Json();
  }
  json["source"] = kind_name(setting.source.kind);
  json["from"] = setting.source.name;
  if (!setting.secret_file.empty()) json["file"] = setting.secret_file;
  return json;
}

std::string json_text(const settings::SnowflakeSettings& found, const std::vector<Row>& rows) {
  Json json = {{"connection", nullptr}, {"files", Json::array()}, {"settings", Json::array()}};
  if (!found.connection().empty()) {
    json["connection"] = {
        {"name", found.connection()}, {"source", kind_name(found.connection_source().kind)}, {"from", found.connection_source().name}};
  }
  for (const auto& file : found.looked_at()) json["files"].push_back({{"path", file.path}, {"state", file.state}});
  for (const Row& row : rows) json["settings"].push_back(to_json(row));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string plain_text(const settings::SnowflakeSettings& found, const std::vector<Row>& rows) {
  std::string text = found.connection().empty() ? std::string("connection: none\n")
                                                : fmt::format("connection: {} ({} {})\n", core::redact(found.connection(), 80),
                                                              kind_name(found.connection_source().kind), found.connection_source().name);
  for (const auto& file : found.looked_at()) text += fmt::format("file: {} ({})\n", core::redact(file.path, 300), file.state);
  std::size_t name_width = 0;
  std::size_t value_width = 0;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    value_width = std::max(value_width, std::min<std::size_t>(shown_value(*row.setting).size(), 48));
  }
  for (const Row& row : rows) {
    std::string line =
        fmt::format("{:<{}}  {:<{}}  {}", row.name, name_width, shown_value(*row.setting), value_width, shown_source(*row.setting));
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

int show(const ConfigFlags& flags) {
  core::set_log_level(flags.verbose ? core::LogLevel::verbose : core::LogLevel::normal);
  const settings::SnowflakeSettings found = tell_settings(flags.typed);
  const std::vector<Setting> imednet = settings::imednet_settings();
  std::vector<Row> rows;
  rows.reserve(imednet.size() + found.all().size());
  for (const Setting& setting : imednet) rows.push_back({"imednet." + setting.name, &setting});
  for (const Setting& setting : found.all()) rows.push_back({"snowflake." + setting.name, &setting});
  write_out(flags.output == "json" ? json_text(found, rows) : plain_text(found, rows));
  flush_out();
  return 0;
}

}  // namespace

void add_config(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("config", "The settings an export would use");
  group->require_subcommand(1);
  CLI::App* command =
      group->add_subcommand("show", "Print every setting, its value and where it came from; of secrets only whether they are set");
  command->footer("Flags win over the environment, that over connections.toml and config.toml, those over defaults.");
  auto flags = std::make_shared<ConfigFlags>();
  define_connection_flags(*command, flags->typed);
  command->add_option("--output", flags->output, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  command->add_flag("-v,--verbose", flags->verbose, "Also name keys of the connection that are ignored");
  command->callback([flags, &chosen] {
    chosen = [flags](const Context& context) {
      wipe_passcode(flags->typed, context);
      return show(*flags);
    };
  });
}

}  // namespace imednet::cli
