#include "table/column_names.h"

#include <algorithm>

#include "core/digest.h"

namespace imednet::table {
namespace {

constexpr std::size_t kHashBytes = 4;

// Each between two blanks. Those that no column may be called, and those that no expression may begin with.
constexpr std::string_view kReserved =
    " ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONNECTION CONSTRAINT CREATE CROSS "
    "CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DELETE DISTINCT DROP ELSE EXISTS "
    "FALSE FOLLOWING FOR FROM FULL GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS "
    "ISSUE JOIN LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER ORGANIZATION "
    "QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SCHEMA SELECT SET SOME START TABLE TABLESAMPLE THEN TO "
    "TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHENEVER WHERE WITH ";

bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string folded(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

std::string shortened(std::string_view name, std::size_t bytes) {
  if (name.size() <= bytes) return std::string(name);
  std::size_t end = bytes - 1 - 2 * kHashBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0u) == 0x80u) --end;
  return std::string(name.substr(0, end)) + "_" + core::sha256_hex(name, kHashBytes);
}

std::string upper(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; });
  return text;
}

std::string safe_characters(std::string_view name) {
  std::string text;
  for (const char c : upper(name)) {
    if ((static_cast<unsigned char>(c) & 0xC0u) == 0x80u) continue;  // of the character before
    text += (c >= 'A' && c <= 'Z') || is_ascii_digit(c) ? c : '_';
  }
  return text;
}

std::string column_name(std::string_view variable, bool (*is_ours)(std::string_view folded), const NameRule& rule) {
  const std::string name = rule.is_safe ? safe_characters(variable) : std::string(variable);
  const bool is_unsafe =
      rule.is_safe && (name.empty() || is_ascii_digit(name.front()) || kReserved.find(" " + name + " ") != std::string_view::npos);
  const std::string column = shortened(is_unsafe || is_ours(folded(name)) ? "v_" + name : name, rule.bytes);
  return rule.is_safe ? upper(column) : column;
}

}  // namespace imednet::table
