#include "sinks/sql/table_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "imednet/errors.h"
#include "table/column_names.h"

namespace imednet::sinks::sql {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_plain(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '$'; }

std::string doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

[[noreturn]] void refuse(std::string_view cause, const Dialect& dialect) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot use the table's name: {}", cause),
      {.code = errors::ErrorCode::invalid_argument,
       .hint = "give one or two parts, each of letters, digits, _ and $, not beginning with a digit, or \"between double quotes\"",
       .origin = {.system = std::string(dialect.system)}});
}

// Takes the part at the beginning of `text` off it.
std::string take_part(std::string_view& text, const Dialect& dialect) {
  std::string part;
  if (text.starts_with('"')) {
    std::size_t at = 1;
    for (;; ++at) {
      if (at >= text.size()) refuse("a double quote is not closed", dialect);
      if (text[at] == '"' && (at + 1 == text.size() || text[at + 1] != '"')) break;
      if (text[at] == '"') ++at;
      if (static_cast<unsigned char>(text[at]) < 0x20) refuse("it holds a control character", dialect);
      part += text[at];
    }
    text.remove_prefix(at + 1);
  } else {
    const std::size_t end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    if (end == 0 || !is_letter(text.front())) refuse("a part of it is empty or has other characters than a plain name", dialect);
    part = dialect.folds_names ? table::folded(text.substr(0, end)) : std::string(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (part.empty()) refuse("a part of it is empty", dialect);
  if (part.size() > dialect.name_bytes)
    refuse(fmt::format("a part of it has more than the {} bytes that {} takes", dialect.name_bytes, dialect.title), dialect);
  return part;
}

}  // namespace

std::string quote_name(std::string_view name) { return doubled(name, '"'); }
std::string quote_text(std::string_view text) { return doubled(text, '\''); }

TableName TableName::parse(std::string_view text, const Dialect& dialect) {
  std::vector<std::string> parts;
  for (;;) {
    parts.push_back(take_part(text, dialect));
    if (text.empty()) break;
    if (!text.starts_with('.') || parts.size() == 2) refuse("it has other characters than a plain name, or more than two parts", dialect);
    text.remove_prefix(1);
  }
  const std::string folded = table::folded(parts.back());
  if (folded.starts_with("imednet_")) refuse("names that begin with imednet_ are those of our own tables", dialect);
  if (dialect.engine == Engine::sqlite && folded.starts_with("sqlite_")) refuse("names that begin with sqlite_ are SQLite's own", dialect);
  return parts.size() == 1 ? TableName(std::nullopt, parts[0]) : TableName(parts[0], parts[1]);
}

TableName TableName::beside(std::string_view own) const { return {schema_, std::string(own)}; }

TableName TableName::with(std::string_view suffix, const Dialect& dialect) const {
  if (suffix.find('\0') != std::string_view::npos) refuse("U+0000 is in the key of a form", dialect);
  return {schema_, table::shortened(name_ + "_" + std::string(suffix), dialect.name_bytes)};
}

TableName TableName::temporary(std::string_view own, const Dialect& dialect) { return {std::string(dialect.temporary), std::string(own)}; }

std::string TableName::sql() const { return (schema_ ? quote_name(*schema_) + "." : std::string()) + quote_name(name_); }

std::string TableName::text() const { return (schema_ ? *schema_ + "." : std::string()) + name_; }

}  // namespace imednet::sinks::sql
