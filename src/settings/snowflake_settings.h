// snowflake_settings.h: the settings of a Snowflake connection from flags, environment and files, each with its source.
//
// Rule:   flag > environment > file > default. In the environment SNOWFLAKE_CONNECTIONS_<NAME>_<KEY> wins over SNOWFLAKE_<KEY>.
//         A blank value in environment or file counts as missing; a blank flag is an error.
// Errors: ExportConfigurationError (config): a value of the wrong type names file, connection and key; a setting that is
//         nowhere names every place that was looked at.
// Source: docs/settings.md; ADR 0019.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/integrations/warehouse.h"
#include "settings/connection_files.h"
#include "settings/setting.h"

namespace imednet::settings {

// What was typed.
struct Typed {
  std::string connection{};                                      // --connection; empty: none
  std::map<std::string, std::string, std::less<>> by_setting{};  // "account" -> what stood behind --account
  bool has_positions = false;  // the export's nine positions: no file, and no variable for what they carry
};

class SnowflakeSettings {
 public:
  // Looks everything up; secrets in files of their own are not read yet. Throws ExportConfigurationError.
  explicit SnowflakeSettings(const Typed& typed);

  const std::vector<Setting>& all() const noexcept { return settings_; }
  const Setting& at(std::string_view name) const;
  // The connection's name and where that came from; empty: none.
  const std::string& connection() const noexcept { return connection_name_; }
  const Source& connection_source() const noexcept { return connection_source_; }
  const std::vector<LookedAt>& looked_at() const noexcept { return files_.looked_at; }
  const std::vector<std::string>& warnings() const noexcept { return files_.warnings; }
  const std::vector<std::string>& notes() const noexcept { return files_.notes; }

  // Throws when a setting that an export needs is nowhere; all of those in one message. `doing` stands in it; a command that
  // needs no table says so with `unneeded`, several words with a blank between.
  void require_complete(std::string_view doing = "export", std::string_view unneeded = {}) const;
  // Sets the fields whose settings are set. Reads secrets from their files, anew at each call. Throws ConfigurationError for those.
  void apply_to(integrations::SnowflakeSinkConfig& config) const;
  // Where a setting could have been, for a hint: flag and variables; and the files.
  std::string places_of(std::string_view name) const;
  std::string file_places() const;

 private:
  void choose_connection(const Typed& typed);
  Setting resolve(const struct Definition& definition, const Typed& typed) const;

  ConnectionFiles files_;
  std::string connection_name_;
  Source connection_source_;
  std::vector<Setting> settings_;
};

}  // namespace imednet::settings
