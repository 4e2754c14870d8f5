#include "sinks/snowflake/stage_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/redact.h"
#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kTextShown = 200;
constexpr std::size_t kHashDigits = 32;
constexpr std::string_view kEnding = ".parquet";

[[noreturn]] void refuse(std::string_view what, std::string_view text, std::string_view cause, std::string_view hint) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot use the {} '{}': {}", what, core::redact(text, kTextShown), cause),
      {.code = errors::ErrorCode::invalid_argument, .hint = std::string(hint), .origin = {.system = "local"}});
}

// The first slash that is in no quoted name: there the stage's own name ends.
std::size_t end_of_stage(std::string_view text) {
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') is_quoted = !is_quoted;
    if (text[i] == '/' && !is_quoted) return i;
  }
  return std::string_view::npos;
}

}  // namespace

bool is_content_folder(std::string_view name) {
  return name.size() == kHashDigits && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_staged_file_name(std::string_view name) {
  if (!name.ends_with(kEnding) || name.size() == kEnding.size()) return false;
  name.remove_suffix(kEnding.size());
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

StagePath StagePath::parse(std::string_view text) {
  constexpr std::string_view kHint = "the manifest must be one that this program's export wrote; docs/formats/manifest.md has its form";
  const std::size_t slash = text.starts_with('@') ? end_of_stage(text) : std::string_view::npos;
  if (slash == std::string_view::npos || slash == 1) refuse("stage path", text, "it is not @<stage>/<path>", kHint);
  StagePath path;
  path.stage = text.substr(1, slash - 1);
  std::string_view below = text.substr(slash + 1);
  const std::size_t last = below.rfind('/');
  path.file_name = below.substr(last == std::string_view::npos ? 0 : last + 1);
  if (!is_staged_file_name(path.file_name)) refuse("stage path", text, "it ends in no file name of an export", kHint);
  below = last == std::string_view::npos ? std::string_view() : below.substr(0, last);
  const std::size_t before = below.rfind('/');
  const std::string_view directory = below.substr(before == std::string_view::npos ? 0 : before + 1);
  if (is_content_folder(directory)) {
    path.hash = directory;
    below = before == std::string_view::npos ? std::string_view() : below.substr(0, before);
  }
  path.prefix = below;
  return path;
}

ObjectName parse_table_text(std::string_view text) {
  constexpr std::string_view kHint = "name the table with --table";
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    refuse("table of a manifest line", text, "it is not DATABASE.SCHEMA.TABLE, or a dot is part of a name", kHint);
  }
  const auto exact = [](std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return Identifier::parse(quoted + '"', "table");
  };
  return {exact(text.substr(0, first)), exact(text.substr(first + 1, second - first - 1)), exact(text.substr(second + 1))};
}

}  // namespace imednet::sinks::snowflake
