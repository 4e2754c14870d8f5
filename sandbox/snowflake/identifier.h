#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imednet::sandbox::snowflake {

// A name of one to three parts, already folded; missing parts are empty.
struct ObjectName {
  std::string database;
  std::string schema;
  std::string name;

  std::string display() const;
  bool operator==(const ObjectName&) const = default;
};

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);

// SQL LIKE with % and _ as SHOW ... LIKE uses it: upper and lower case are the same.
bool like_matches(std::string_view text, std::string_view pattern);

// Wraps in single quotes, doubling those inside.
std::string quote_text(std::string_view text);

// The engine compares names without case, Snowflake with it. Lower-case letters are therefore
// written as ~x in the engine, so "Study" and STUDY stay two names; the decoder undoes it.
std::string encode_name(std::string_view name);
std::string decode_name(std::string_view name);
std::string engine_identifier(std::string_view name);

// Snowflake's way of writing a name back: bare when it needs no quotes.
std::string display_identifier(std::string_view name);

}  // namespace imednet::sandbox::snowflake
