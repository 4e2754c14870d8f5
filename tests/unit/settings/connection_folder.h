// connection_folder.h: a private home with connection files, and an environment without the variables that settings read.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>
#include <string>
#include <vector>

#include "settings/snowflake_keys.h"
#include "settings/snowflake_settings.h"
#include "unit/folder.h"
#include "unit/variables.h"

extern char** environ;

namespace imednet::settings {

class ConnectionFolderTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string name(*entry, std::strcspn(*entry, "="));
      if (name.starts_with("SNOWFLAKE_") || name.starts_with("IMEDNET_") || name.starts_with("SF_")) names.push_back(name);
    }
    for (const std::string& name : names) variables.unset(name);
    variables.unset("PRIVATE_KEY_PASSPHRASE");
    variables.unset("XDG_CONFIG_HOME");
    variables.set("HOME", root.string());
    std::filesystem::create_directories(root / ".snowflake");
  }

  std::string connections() const { return (root / ".snowflake/connections.toml").string(); }
  std::string configuration() const { return (root / ".snowflake/config.toml").string(); }
  static void write(const std::string& path, std::string_view text, unsigned mode = 0600) {
    put(path, text);
    ::chmod(path.c_str(), mode);
  }
  // What went wrong, message and hint; empty: nothing.
  template <typename Call>
  static std::string error_of(Call call) {
    try {
      call();
    } catch (const errors::ExportConfigurationError& error) {
      return error.code() == errors::ErrorCode::config ? error.what() + std::string("\n") + error.hint() : "another code";
    }
    return "";
  }
  static std::string error_of(const Typed& typed) {
    return error_of([&] { SnowflakeSettings{typed}; });
  }

  Variables variables;
};

}  // namespace imednet::settings
