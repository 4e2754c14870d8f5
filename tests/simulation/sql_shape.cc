#include "simulation/sql_shape.h"

#include <charconv>
#include <stdexcept>

namespace imednet::simulation {
namespace {

// Takes 'text' with its escapes, or "name", off the front.
bool take_quoted(std::string_view& text, char quote, std::string& value) {
  if (text.empty() || text.front() != quote) return false;
  value.clear();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '\'' && i + 1 < text.size()) {
      value.push_back(text[++i]);
    } else if (text[i] != quote) {
      value.push_back(text[i]);
    } else if (i + 1 < text.size() && text[i + 1] == quote) {
      value.push_back(text[++i]);
    } else {
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool take_name(std::string_view& text, int parts, std::string& value) {
  std::string part;
  value.clear();
  for (int i = 0; i < parts; ++i) {
    if (i > 0) {
      if (text.empty() || text.front() != '.') return false;
      text.remove_prefix(1);
      value += '.';
    }
    if (!take_quoted(text, '"', part)) return false;
    value += part;
  }
  return true;
}

bool take_number(std::string_view& text, std::string& value) {
  const std::size_t end = text.find_first_not_of("-0123456789");
  value = text.substr(0, end);
  text.remove_prefix(value.size());
  return !value.empty();
}

bool take_hole(std::string_view& text, char kind, std::string& value) {
  switch (kind) {
    case 't':
      return take_name(text, 3, value);
    case 'q':
      return take_name(text, 1, value);
    case 's':
      return take_quoted(text, '\'', value);
    default:
      return take_number(text, value);
  }
}

}  // namespace

std::optional<Holes> match(std::string_view text, std::string_view shape) {
  Holes holes;
  while (!shape.empty()) {
    const bool is_hole = shape.size() > 2 && shape[0] == '{' && shape[2] == '}';
    if (!is_hole) {
      if (text.empty() || text.front() != shape.front()) return std::nullopt;
      text.remove_prefix(1);
      shape.remove_prefix(1);
      continue;
    }
    const char kind = shape[1];
    shape.remove_prefix(3);
    std::string value;
    if (kind == '*') {
      const std::string_view next = shape.substr(0, shape.find('{'));
      const std::size_t end = next.empty() ? text.size() : text.find(next);
      if (end == std::string_view::npos) return std::nullopt;
      value = text.substr(0, end);
      text.remove_prefix(end);
    } else if (!take_hole(text, kind, value)) {
      return std::nullopt;
    }
    holes.push_back(std::move(value));
  }
  if (!text.empty()) return std::nullopt;
  return holes;
}

std::vector<std::string> read_strings(std::string_view list) {
  std::vector<std::string> all;
  std::string value;
  while (!list.empty()) {
    if (!take_quoted(list, '\'', value)) throw std::invalid_argument("no list of strings");
    all.push_back(value);
    if (list.starts_with(", ")) list.remove_prefix(2);
  }
  return all;
}

std::vector<std::vector<std::string>> read_tuples(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  while (text.starts_with('(')) {
    text.remove_prefix(1);
    std::vector<std::string>& row = rows.emplace_back();
    while (!text.starts_with(')')) {
      std::string value;
      if (text.starts_with("SYSDATE()")) {
        value = "SYSDATE()";
        text.remove_prefix(value.size());
      } else if (!take_quoted(text, '\'', value) && !take_number(text, value)) {
        throw std::invalid_argument("no rows of values");
      }
      row.push_back(std::move(value));
      if (text.starts_with(", ")) text.remove_prefix(2);
    }
    text.remove_prefix(1);
    if (text.starts_with(", ")) text.remove_prefix(2);
  }
  return rows;
}

std::int64_t read_number(std::string_view text) {
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) throw std::invalid_argument("no number");
  return value;
}

}  // namespace imednet::simulation
