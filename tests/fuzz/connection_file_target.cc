// connections.toml: read or refused with a place, and no part of it is ever in a message.
#include <algorithm>
#include <set>

#include "fuzz/target.h"
#include "imednet/errors.h"
#include "settings/toml_file.h"

namespace imednet::fuzz {
namespace {

using namespace settings;

void check_refusal(std::string message) {
  constexpr std::string_view kStart = "cannot read the connection file f: line ";
  require(message.starts_with(kStart), "a refusal names the file and the line");
  message.erase(0, kStart.size());
  std::erase_if(message, [](char c) { return c >= '0' && c <= '9'; });
  require(message == ", column : this is not TOML" || message == ", column : a key or table stands there a second time",
          "a refusal shows nothing of the file");
}

void run(std::string_view input) {
  std::vector<TomlEntry> entries;
  try {
    entries = parse_toml(input, "f");
  } catch (const errors::ExportConfigurationError& error) {
    require(error.code() == errors::ErrorCode::config, "a broken file is a settings error");
    check_refusal(error.what());
    return;
  }
  std::set<std::vector<std::string>> tables = {{}}, seen;
  for (const TomlEntry& entry : entries) {
    require(!entry.path.empty() && entry.path.size() <= 4, "an entry stands in the file, four deep at most");
    require(seen.insert(entry.path).second, "an entry stands there once");
    require(tables.contains({entry.path.begin(), entry.path.end() - 1}), "a table stands before what it holds");
    if (entry.kind == TomlKind::table) tables.insert(entry.path);
    const std::string& text = entry.text.reveal();
    const bool has_text = entry.kind == TomlKind::text || entry.kind == TomlKind::integer || entry.kind == TomlKind::boolean;
    require(has_text || text.empty(), "only values have a text");
    if (entry.kind == TomlKind::boolean) require(text == "true" || text == "false", "a boolean is true or false");
    if (entry.kind == TomlKind::integer) require(text.find_first_not_of("-0123456789") == std::string::npos, "a number is whole");
  }
}

}  // namespace

Target connection_file_target() {
  return {run,
          {"[dev]\n",
           "[connections.dev]\n",
           "[[dev]]\n",
           "account = \"a\"\n",
           "account",
           "password = '''",
           "'''",
           "\"\"\"",
           " = ",
           "\"x\"",
           "'x'",
           "[",
           "]",
           "{",
           "}",
           "{a=",
           ",",
           "#",
           "1979-05-27T07:32:00Z",
           "0x1F",
           "1_000",
           "1.5",
           "inf",
           "nan",
           "true",
           "false",
           "9223372036854775807",
           "9223372036854775808",
           "\\u00e9",
           "\\U0001F600",
           "\\uD800",
           "a.b.c.d.e.f = 1\n",
           "a.",
           "=1\n"},
          50'000};
}

}  // namespace imednet::fuzz
