// snowflake_keys.h: every setting of a Snowflake connection, once: its flag, its keys in a file, its variables, its default.
//
// Rule:   a key K is read from the variables SNOWFLAKE_CONNECTIONS_<NAME>_<K> and SNOWFLAKE_<K> as well, upper case. A secret
//         may stand in a file of its own, which the variable …_FILE names.
// Source: Snowflake CLI, "Managing Snowflake connections"; docs/settings.md.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace imednet::settings {

enum class ValueKind { text, port, protocol, on_off, secret };

// One way to write a setting down.
struct Spelling {
  std::string_view key;  // in a connection
  bool is_path = false;  // the value names a file that holds the secret
};

struct Definition {
  std::string_view name;  // in errors and in `config show`
  ValueKind kind = ValueKind::text;
  std::string_view flag{};  // empty: none
  std::string_view help{};  // of the flag
  std::vector<Spelling> keys{};
  std::string_view variable{};  // one more variable with a name of its own
  std::string_view fallback{};  // the default
  bool has_position = false;    // the export's nine positions carry it, so that no variable is asked then
  bool is_required = false;
  bool is_sign_in = false;  // its flag stands among those of the sign-in
};

std::span<const Definition> snowflake_definitions();
const Definition& definition_of(std::string_view name);

}  // namespace imednet::settings
