// Names a person types: what is taken is exactly one name by Snowflake's rules, everything else is refused before any statement.
#include <optional>

#include "fuzz/sql_tokens.h"
#include "fuzz/target.h"
#include "imednet/errors.h"
#include "sinks/snowflake/identifiers.h"

namespace imednet::fuzz {
namespace {

using namespace std::string_view_literals;
using sinks::snowflake::Identifier;
using sinks::snowflake::ObjectName;
using sinks::snowflake::StageDirectory;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

// One name at the beginning of the text, which is cut off; nothing when there is none.
std::optional<std::string> take_name(std::string_view& text) {
  std::string name;
  if (!text.starts_with('"')) {
    if (text.empty() || !is_letter(text.front())) return std::nullopt;
    for (; !text.empty() && (is_letter(text.front()) || is_digit(text.front()) || text.front() == '$'); text.remove_prefix(1)) {
      const char c = text.front();
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return name.size() <= 255 ? std::optional(name) : std::nullopt;
  }
  for (text.remove_prefix(1); !text.empty(); text.remove_prefix(1)) {
    if (text.starts_with("\"\"")) {
      text.remove_prefix(1);
    } else if (text.front() == '"') {
      text.remove_prefix(1);
      return !name.empty() && name.size() <= 255 ? std::optional(name) : std::nullopt;
    }
    if (is_control(text.front())) return std::nullopt;
    name += text.front();
  }
  return std::nullopt;
}

// Dotted names that fill the whole text, by the rule as it is written down; empty: they do not.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (;;) {
    const auto name = take_name(text);
    if (!name) return {};
    names.push_back(*name);
    if (text.empty()) return names;
    if (text.front() != '.') return {};
    text.remove_prefix(1);
  }
}

// What `make` gives; nothing when it refuses as it should.
template <class Make>
auto taken(Make make) -> std::optional<decltype(make())> {
  try {
    return make();
  } catch (const errors::ExportConfigurationError& error) {
    require(error.code() == errors::ErrorCode::invalid_argument, "a refused name is an invalid argument");
    for (const char c : std::string(error.what())) require(!is_control(c), "a refusal shows printable text only");
    return std::nullopt;
  }
}

std::vector<Token> dotted(const std::vector<std::string>& names) {
  std::vector<Token> tokens;
  for (const std::string& name : names) {
    if (!tokens.empty()) tokens.push_back({Kind::sign, "."});
    tokens.push_back({Kind::quoted_name, name});
  }
  return tokens;
}

const Identifier kDatabase = Identifier::own("DB");
const Identifier kSchema = Identifier::own("SC");

std::vector<std::string> completed(std::vector<std::string> names) {
  const std::string defaults[] = {"SC", "DB"};
  for (std::size_t i = names.size(); i < 3; ++i) names.insert(names.begin(), defaults[i - 1]);
  return names;
}

void check_object(std::string_view text, const std::optional<ObjectName>& object) {
  const auto names = names_in(text);
  require(object.has_value() == (!names.empty() && names.size() <= 3), "an object has one to three names, everything else is refused");
  if (object) require(tokens_of(object->sql(), Dialect::snowflake) == dotted(completed(names)), "an object's SQL is its three names");
}

void check_stage(std::string_view text) {
  const auto stage = taken([&] { return StageDirectory::parse_stage(text, kDatabase, kSchema); });
  std::string_view bare = text;
  if (bare.starts_with('@')) bare.remove_prefix(1);
  if (bare.starts_with('~') || bare.starts_with('%')) require(!stage, "user and table stages are refused");
  check_object(bare, stage);
}

void check_prefix(std::string_view text) {
  const ObjectName stage(kDatabase, kSchema, Identifier::own("ST"));
  const auto directory = taken([&] { return StageDirectory(stage, text); });
  if (!directory) return;
  const std::string& prefix = directory->prefix();
  for (const char c : prefix) require(is_letter(c) || is_digit(c) || c == '.' || c == '=' || c == '-' || c == '/', "a prefix is plain");
  require(prefix.find("..") == std::string::npos && prefix.find("//") == std::string::npos, "a prefix does not leave its stage");
  require(!prefix.starts_with('/') && !prefix.ends_with('/'), "a prefix has no slash at its ends");
  require(text.find(prefix) != std::string_view::npos, "a prefix is what was given");
  require(directory->path_of("f") == (prefix.empty() ? "f" : prefix + "/f"), "files lie below the prefix");
}

void run(std::string_view text) {
  const auto names = names_in(text);
  const auto identifier = taken([&] { return Identifier::parse(text, "table"); });
  require(identifier.has_value() == (names.size() == 1), "one name is taken, everything else is refused");
  if (identifier) {
    require(identifier->name() == names[0], "a name is folded as Snowflake folds it");
    require(tokens_of(identifier->sql(), Dialect::snowflake) == dotted(names), "a quoted name reads back as that one name");
  }
  check_object(text, taken([&] { return ObjectName::parse(text, kDatabase, kSchema, "table"); }));
  check_stage(text);
  check_prefix(text);
  require(tokens_of(Identifier::own(text).sql(), Dialect::snowflake) == dotted({std::string(text)}), "quoting keeps any text one name");
}

}  // namespace

Target identifiers_target() {
  return {run,
          {"RECORDS"sv, "records"sv, "_x9$"sv, "\"Mixed\""sv, "\"a\"\"b\""sv, "db.sc.t"sv, "\"x.y\""sv, "@~"sv, "@%T"sv, "@my_stage"sv,
           "s3://"sv, "imednet/prod"sv, "select"sv, "\"."sv, ".\""sv},
          40'000};
}

}  // namespace imednet::fuzz
