#include "settings/snowflake_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "core/environment.h"
#include "core/redact.h"
#include "imednet/errors.h"
#include "settings/authenticator.h"
#include "settings/snowflake_keys.h"

namespace imednet::settings {
namespace {

using errors::ErrorCode;

constexpr int kPortMax = 65'535;
constexpr std::size_t kNamesShown = 10;

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
  throw errors::ExportConfigurationError(message, {.code = ErrorCode::config, .hint = hint, .origin = {.system = "local"}});
}

std::string upper(std::string_view text) {
  std::string upper_text(text);
  for (char& c : upper_text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper_text;
}

std::string generic_variable(std::string_view key) { return "SNOWFLAKE_" + upper(key); }
std::string own_variable(std::string_view connection, std::string_view key) {
  return fmt::format("SNOWFLAKE_CONNECTIONS_{}_{}", upper(connection), upper(key));
}

// What was found under one name, before it is judged.
struct Found {
  std::string source;
  std::string text;
  bool is_path = false;
};

// Of several spellings at one level only one may be set: none of them is better than another.
const Found& only_one(const std::vector<Found>& found) {
  if (found.size() > 1)
    refuse(fmt::format("cannot choose between {} and {}: both are set", found[0].source, found[1].source),
           fmt::format("unset {} or {}", found[0].source, found[1].source));
  return found[0];
}

// Every name of a setting in the environment: its keys, and for a secret the same with _FILE.
std::vector<std::pair<std::string, bool>> variables_of(const Definition& definition, const std::string& connection) {
  std::vector<std::pair<std::string, bool>> names;
  const auto add = [&names](const std::string& name, bool is_path) {
    for (const auto& [known, ignored] : names) {
      if (known == name) return;
    }
    names.emplace_back(name, is_path);
  };
  for (const Spelling& key : definition.keys) {
    const std::string name = connection.empty() ? generic_variable(key.key) : own_variable(connection, key.key);
    add(name, key.is_path);
    if (definition.kind == ValueKind::secret && !key.is_path) add(name + "_FILE", true);
  }
  if (connection.empty() && !definition.variable.empty()) add(std::string(definition.variable), false);
  return names;
}

std::vector<Found> in_environment(const Definition& definition, const std::string& connection) {
  std::vector<Found> found;
  for (const auto& [name, is_path] : variables_of(definition, connection)) {
    if (std::string text = core::environment(name); !text.empty()) found.push_back({name, std::move(text), is_path});
  }
  return found;
}

std::vector<Found> in_file(const Definition& definition, const std::string& name, const Connection& connection) {
  std::vector<Found> found;
  for (const Spelling& key : definition.keys) {
    const auto entry = connection.values.find(std::string(key.key));
    if (entry == connection.values.end()) continue;
    const TomlKind kind = entry->second.kind;
    const std::string source = fmt::format("{} [{}] {}", connection.file, name, key.key);
    if (kind != TomlKind::text && !(kind == TomlKind::integer && definition.kind == ValueKind::port)) {
      refuse(fmt::format("cannot use {} of the connection {} in {}: it is {} where {} is needed", key.key, name, connection.file,
                         kind_name(kind), definition.kind == ValueKind::port ? "a number from 1 to 65535" : "a text"),
             "texts stand in double quotes");
    }
    const std::string_view text = core::trimmed(entry->second.text.reveal());
    if (!text.empty()) found.push_back({source, std::string(text), key.is_path});
  }
  return found;
}

void judge(const Definition& definition, const Found& found) {
  if (definition.kind == ValueKind::port) {
    int port = 0;
    const char* end = found.text.data() + found.text.size();
    if (std::from_chars(found.text.data(), end, port).ptr != end || port < 1 || port > kPortMax)
      refuse(fmt::format("cannot use the port from {}: it is no number from 1 to 65535", found.source), "check " + found.source);
  }
  if (definition.kind == ValueKind::protocol && found.text != "http" && found.text != "https")
    refuse(fmt::format("cannot use the protocol from {}: it is neither http nor https", found.source), "check " + found.source);
  if (definition.kind == ValueKind::on_off && found.text != "on" && found.text != "off")
    refuse(fmt::format("cannot use {} from {}: it is neither on nor off", definition.name, found.source), "check " + found.source);
  if (definition.name == "authenticator") sign_in_of(found.text, found.source);
}

Setting take(const Definition& definition, const Found& found, Source::Kind kind) {
  judge(definition, found);
  Setting setting{.name = std::string(definition.name),
                  .is_secret = definition.kind == ValueKind::secret,
                  .source = {.kind = kind, .name = found.source}};
  if (!setting.is_secret) {
    setting.value = found.text;
  } else if (found.is_path) {
    setting.secret_file = found.text;
  } else {
    setting.secret = Secret(std::string(found.text));
  }
  return setting;
}

std::string names_of(const std::map<std::string, Connection>& connections) {
  std::vector<std::string> names;
  for (const auto& [name, connection] : connections) {
    if (names.size() < kNamesShown) names.push_back(core::redact(name, 80));
  }
  return fmt::format("{}{}", fmt::join(names, ", "), connections.size() > kNamesShown ? ", …" : "");
}

std::string described(const std::vector<LookedAt>& looked_at) {
  std::vector<std::string> files;
  files.reserve(looked_at.size());
  for (const LookedAt& file : looked_at) files.push_back(fmt::format("{} ({})", file.path, file.state));
  return files.empty() ? "no file: HOME is not set" : fmt::format("{}", fmt::join(files, ", "));
}

bool has_variables(const std::string& connection) {
  for (const Definition& definition : snowflake_definitions()) {
    if (!definition.keys.empty() && !in_environment(definition, connection).empty()) return true;
  }
  return false;
}

}  // namespace

std::string_view kind_name(Source::Kind kind) noexcept {
  switch (kind) {
    case Source::Kind::flag:
      return "flag";
    case Source::Kind::environment:
      return "environment";
    case Source::Kind::file:
      return "file";
    case Source::Kind::fallback:
      return "default";
    case Source::Kind::none:
      break;
  }
  return "none";
}

SnowflakeSettings::SnowflakeSettings(const Typed& typed) {
  if (!typed.has_positions) {
    files_ = read_connection_files();
    choose_connection(typed);
  }
  for (const Definition& definition : snowflake_definitions()) settings_.push_back(resolve(definition, typed));
  const auto connection = files_.connections.find(connection_name_);
  if (connection == files_.connections.end()) return;
  for (const auto& [key, entry] : connection->second.values) {
    bool is_known = false;
    for (const Definition& definition : snowflake_definitions()) {
      for (const Spelling& spelling : definition.keys) is_known = is_known || spelling.key == key;
    }
    if (!is_known)
      files_.notes.push_back(fmt::format("{} [{}]: {} is not a setting of imednet and is ignored", connection->second.file,
                                         connection_name_, core::redact(key, 80)));
  }
}

void SnowflakeSettings::choose_connection(const Typed& typed) {
  constexpr const char* kDefaultVariable = "SNOWFLAKE_DEFAULT_CONNECTION_NAME";
  if (!typed.connection.empty()) {
    connection_name_ = typed.connection;
    connection_source_ = {Source::Kind::flag, "--connection"};
  } else if (connection_name_ = core::environment(kDefaultVariable); !connection_name_.empty()) {
    connection_source_ = {Source::Kind::environment, kDefaultVariable};
  } else if (!files_.default_name.empty()) {
    connection_name_ = files_.default_name;
    connection_source_ = {Source::Kind::file, files_.default_file + " default_connection_name"};
  } else if (files_.connections.contains("default")) {
    connection_name_ = "default";
    connection_source_ = {Source::Kind::fallback, "default"};
  }
  if (connection_name_.empty() || files_.connections.contains(connection_name_) || has_variables(connection_name_)) return;
  refuse(fmt::format("cannot find the connection {} named by {}; looked at {}", core::redact(connection_name_, 80), connection_source_.name,
                     described(files_.looked_at)),
         files_.connections.empty() ? "write it into connections.toml, or set account, user and the others by flags or variables"
                                    : "known connections: " + names_of(files_.connections));
}

Setting SnowflakeSettings::resolve(const Definition& definition, const Typed& typed) const {
  if (const auto flag = typed.by_setting.find(definition.name); flag != typed.by_setting.end()) {
    const std::string name(definition.flag);
    if (core::trimmed(flag->second).empty()) refuse(fmt::format("cannot use {}: it is blank", name), "give a value, or leave the flag out");
    return take(definition, {name, flag->second, name.ends_with("-file")}, Source::Kind::flag);
  }
  if (!typed.has_positions || !definition.has_position) {
    for (const std::string& connection : {connection_name_, std::string()}) {
      if (const auto found = in_environment(definition, connection); !found.empty())
        return take(definition, only_one(found), Source::Kind::environment);
    }
  }
  if (const auto connection = files_.connections.find(connection_name_); connection != files_.connections.end()) {
    if (const auto found = in_file(definition, connection_name_, connection->second); !found.empty())
      return take(definition, only_one(found), Source::Kind::file);
  }
  Setting setting{.name = std::string(definition.name), .is_secret = definition.kind == ValueKind::secret};
  if (!definition.fallback.empty()) {
    setting.value = definition.fallback;
    setting.source = {Source::Kind::fallback, "default"};
  }
  return setting;
}

const Setting& SnowflakeSettings::at(std::string_view name) const {
  return settings_[static_cast<std::size_t>(&definition_of(name) - snowflake_definitions().data())];
}

std::string SnowflakeSettings::places_of(std::string_view name) const {
  const Definition& definition = definition_of(name);
  std::vector<std::string> places;
  if (!definition.flag.empty()) places.emplace_back(definition.flag);
  if (!definition.keys.empty() && !connection_name_.empty()) places.push_back(own_variable(connection_name_, definition.keys.front().key));
  if (!definition.keys.empty()) places.push_back(generic_variable(definition.keys.front().key));
  return fmt::format("{}", fmt::join(places, ", "));
}

std::string SnowflakeSettings::file_places() const {
  return fmt::format("{} in {}", connection_name_.empty() ? "a connection" : "the connection " + core::redact(connection_name_, 80),
                     described(files_.looked_at));
}

}  // namespace imednet::settings
