#include "identifier.h"

#include <cctype>

namespace imednet::sandbox::snowflake {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string to_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && to_upper(left) == to_upper(right);
}

bool like_matches(std::string_view text, std::string_view pattern) {
  const std::string subject = to_upper(text);
  const std::string wanted = to_upper(pattern);
  size_t at = 0;
  size_t in_pattern = 0;
  size_t star = std::string::npos;
  size_t star_at = 0;
  while (at < subject.size()) {
    const char c = in_pattern < wanted.size() ? wanted[in_pattern] : '\0';
    const bool escaped = c == '\\' && in_pattern + 1 < wanted.size();
    if (c == '%') {
      star = in_pattern++;
      star_at = at;
    } else if (escaped ? wanted[in_pattern + 1] == subject[at] : in_pattern < wanted.size() && (c == '_' || c == subject[at])) {
      in_pattern += escaped ? 2 : 1;
      ++at;
    } else if (star != std::string::npos) {
      in_pattern = star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (in_pattern < wanted.size() && wanted[in_pattern] == '%') ++in_pattern;
  return in_pattern == wanted.size();
}

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string encode_name(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (is_lower(c) || c == '~') out += '~';
    out += c;
  }
  return out;
}

std::string decode_name(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool marked = name[i] == '~' && i + 1 < name.size() && (is_lower(name[i + 1]) || name[i + 1] == '~');
    out += marked ? name[++i] : name[i];
  }
  return out;
}

std::string engine_identifier(std::string_view name) {
  std::string out = "\"";
  for (char c : encode_name(name)) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string display_identifier(std::string_view name) {
  bool plain = !name.empty() && !is_digit(name[0]) && name[0] != '$';
  for (char c : name) plain = plain && (is_upper(c) || is_digit(c) || c == '_' || c == '$');
  if (plain) return std::string(name);
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string ObjectName::display() const {
  std::string out;
  for (const std::string* part : {&database, &schema}) {
    if (!part->empty()) out += display_identifier(*part) + ".";
  }
  return out + display_identifier(name);
}

}  // namespace imednet::sandbox::snowflake
