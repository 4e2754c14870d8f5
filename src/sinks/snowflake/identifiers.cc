#include "sinks/snowflake/identifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kMaxIdentifierBytes = 255;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7f; }

[[noreturn]] void refuse(std::string_view setting, std::string_view text, std::string_view cause, std::string_view hint) {
  const bool shown = text.size() <= 80 && std::all_of(text.begin(), text.end(), is_printable_ascii);
  throw errors::ExportConfigurationError(
      shown && !text.empty() ? fmt::format("cannot use the {} name '{}': {}", setting, text, cause)
                             : fmt::format("cannot use the {} name: {}", setting, cause),
      {.code = errors::ErrorCode::invalid_argument, .hint = std::string(hint), .origin = {.system = "snowflake"}});
}

constexpr std::string_view kNameHint =
    "use letters, digits, _ and $ (folded to upper case), or put the exact name in double quotes; at most 255 bytes";

// Cuts dotted parts, quotes respected; the quotes stay on.
std::vector<std::string_view> split_parts(std::string_view text, std::string_view setting) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '.' && !quoted) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  if (quoted) refuse(setting, text, "its double quotes are not closed", kNameHint);
  parts.push_back(text.substr(start));
  return parts;
}

}  // namespace

Identifier Identifier::parse(std::string_view text, std::string_view setting) {
  if (text.empty()) refuse(setting, text, "it is empty", kNameHint);
  std::string name;
  if (text.front() == '"') {
    if (text.size() < 3 || text.back() != '"') refuse(setting, text, "its double quotes hold nothing or are not closed", kNameHint);
    const std::string_view inner = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
      if (static_cast<unsigned char>(inner[i]) < 0x20 || inner[i] == 0x7f) refuse(setting, text, "it has a control character", kNameHint);
      if (inner[i] == '"' && (i + 1 == inner.size() || inner[++i] != '"'))
        refuse(setting, text, "a double quote inside must be doubled", kNameHint);
      name.push_back(inner[i]);
    }
  } else {
    if (!is_letter(text.front())) refuse(setting, text, "it must start with a letter or _", kNameHint);
    for (const char c : text) {
      if (!is_letter(c) && !is_digit(c) && c != '$')
        refuse(setting, text, "it has a character other than letters, digits, _ and $", kNameHint);
      name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
  }
  if (name.size() > kMaxIdentifierBytes) refuse(setting, text, "it is longer than 255 bytes", kNameHint);
  return Identifier(std::move(name));
}

Identifier Identifier::own(std::string_view name) { return Identifier(std::string(name)); }

std::string Identifier::sql() const {
  std::string quoted = "\"";
  for (const char c : name_) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + '"';
}

ObjectName ObjectName::parse(std::string_view text, const Identifier& database, const Identifier& schema, std::string_view setting) {
  const auto parts = split_parts(text, setting);
  if (parts.size() > 3)
    refuse(setting, text, "it has more than three dotted parts", "write it as TABLE, SCHEMA.TABLE or DATABASE.SCHEMA.TABLE");
  const std::size_t count = parts.size();
  return {count > 2 ? Identifier::parse(parts[0], setting) : database, count > 1 ? Identifier::parse(parts[count - 2], setting) : schema,
          Identifier::parse(parts[count - 1], setting)};
}

std::string ObjectName::sql() const { return fmt::format("{}.{}.{}", database_.sql(), schema_.sql(), object_.sql()); }

std::string ObjectName::text() const { return fmt::format("{}.{}.{}", database_.name(), schema_.name(), object_.name()); }

StageDirectory::StageDirectory(ObjectName stage, std::string_view prefix) : stage_(std::move(stage)) {
  constexpr std::string_view kHint = "use letters, digits and _ . = - in parts joined by /, for example imednet/prod";
  while (!prefix.empty() && prefix.front() == '/') prefix.remove_prefix(1);
  while (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  for (const char c : prefix) {
    if (!is_letter(c) && !is_digit(c) && c != '.' && c != '=' && c != '-' && c != '/') {
      refuse("stage prefix", prefix, "it has a character that does not work in every stage path", kHint);
    }
  }
  if (prefix.find("//") != std::string_view::npos || prefix.find("..") != std::string_view::npos || prefix.size() > 512) {
    refuse("stage prefix", prefix, "it has an empty part, '..', or more than 512 bytes", kHint);
  }
  prefix_ = prefix;
}

ObjectName StageDirectory::parse_stage(std::string_view text, const Identifier& database, const Identifier& schema) {
  constexpr std::string_view kHint = "name an internal stage made by CREATE STAGE, for example MY_STAGE";
  if (!text.empty() && text.front() == '@') text.remove_prefix(1);
  if (text.starts_with("~")) refuse("stage", text, "it is a user stage", kHint);
  if (text.starts_with("%")) refuse("stage", text, "it is a table stage", kHint);
  return ObjectName::parse(text, database, schema, "stage");
}

std::string StageDirectory::path_of(std::string_view relative) const {
  return prefix_.empty() ? std::string(relative) : fmt::format("{}/{}", prefix_, relative);
}

std::string StageDirectory::sql(std::string_view below) const { return fmt::format("@{}/{}", stage_.sql(), path_of(below)); }

std::string StageDirectory::display(std::string_view relative, std::string_view stage_as_written) const {
  if (!stage_as_written.empty() && stage_as_written.front() == '@') stage_as_written.remove_prefix(1);
  return fmt::format("@{}/{}", stage_as_written, path_of(relative));
}

std::string literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted.push_back(c == '\'' ? '\'' : '\\');
    quoted.push_back(c);
  }
  return quoted + "'";
}

}  // namespace imednet::sinks::snowflake
