#include "settings/toml_file.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

// In a debug build toml++ would end the program at "[#", of which it throws a parse error otherwise.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.hpp>

#include "imednet/errors.h"

namespace imednet::settings {
namespace {

constexpr std::size_t kDepthMax = 4;  // connections, name, key, and one table below that is ignored

[[noreturn]] void throw_broken(const std::string& file, const toml::parse_error& error) {
  const std::string_view text = error.description();
  const bool is_twice = text.find("redefine") != std::string_view::npos;
  const auto& at = error.source().begin;
  throw errors::ExportConfigurationError(fmt::format("cannot read the connection file {}: line {}, column {}: {}", file, at.line, at.column,
                                                     is_twice ? "a key or table stands there a second time" : "this is not TOML"),
                                         {.code = errors::ErrorCode::config,
                                          .hint = is_twice ? "remove one of the two" : "mend that line; texts stand in double quotes",
                                          .origin = {.system = "local"}});
}

TomlEntry entry_of(std::vector<std::string> path, toml::node& node) {
  TomlEntry entry{.path = std::move(path), .kind = TomlKind::other, .text = {}};
  if (node.is_table()) {
    entry.kind = TomlKind::table;
  } else if (auto* text = node.as_string()) {
    entry.kind = TomlKind::text;
    entry.text = Secret(std::string(text->get()));
    OPENSSL_cleanse(text->get().data(), text->get().size());
  } else if (const auto* integer = node.as_integer()) {
    entry.kind = TomlKind::integer;
    entry.text = Secret(std::to_string(integer->get()));
  } else if (const auto* boolean = node.as_boolean()) {
    entry.kind = TomlKind::boolean;
    entry.text = Secret(boolean->get() ? "true" : "false");
  }
  return entry;
}

void append_table(toml::table& table, const std::vector<std::string>& above, std::vector<TomlEntry>& entries) {
  for (auto&& [key, node] : table) {
    std::vector<std::string> path = above;
    path.emplace_back(key.str());
    entries.push_back(entry_of(path, node));
    if (path.size() < kDepthMax && node.is_table()) append_table(*node.as_table(), path, entries);
  }
}

}  // namespace

std::vector<TomlEntry> parse_toml(std::string_view text, const std::string& file) {
  try {
    toml::table table = toml::parse(text);
    std::vector<TomlEntry> entries;
    append_table(table, {}, entries);
    return entries;
  } catch (const toml::parse_error& error) {
    throw_broken(file, error);
  }
}

std::string_view kind_name(TomlKind kind) noexcept {
  switch (kind) {
    case TomlKind::text:
      return "a text";
    case TomlKind::integer:
      return "a whole number";
    case TomlKind::boolean:
      return "true or false";
    case TomlKind::table:
      return "a table";
    case TomlKind::other:
      return "a list, a fraction or a date";
  }
  return "something else";
}

}  // namespace imednet::settings
