// setting.h: one setting with its value and where it came from.
#pragma once

#include <string>

#include "imednet/secret.h"

namespace imednet::settings {

struct Source {
  enum class Kind { none, fallback, file, environment, flag };  // rising: a later kind wins over an earlier one
  Kind kind = Kind::none;
  std::string name{};  // "--account", "SNOWFLAKE_ACCOUNT", "/home/me/.snowflake/connections.toml [dev] account"
};

// "flag", "environment", "file", "default", "none".
std::string_view kind_name(Source::Kind kind) noexcept;

struct Setting {
  std::string name{};  // "account"
  bool is_secret = false;
  std::string value{};        // of what is no secret
  Secret secret{};            // of a secret that was given directly
  std::string secret_file{};  // of a secret that stands in a file of its own, which is read when it is used
  Source source{};

  bool is_set() const noexcept { return source.kind != Source::Kind::none; }
};

}  // namespace imednet::settings
