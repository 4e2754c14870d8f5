// scalar.h: lenient reading of one JSON value, for every model and for the export's columns. Included by .cc files only
// (it needs simdjson).
//
// Rule:   ids: whole number, or text that is one; "" and null are null. Text: a string as it is, a number or boolean as its
//         JSON text. Flags: boolean, "true"/"false", 1/0; "" and null are null. Anything else is an ApiError (decode) that
//         names the field. Source: docs/api.md, "decode leniently".
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace imednet::api {

// The name of an object's field, unescaped where it has escapes.
template <class Field>
std::string_view name_of(Field& field) {
  const std::string_view name = field.escaped_key();
  return name.find('\\') == std::string_view::npos ? name : std::string_view(field.unescaped_key());
}

// Without the white space around it.
std::string_view trimmed(std::string_view text);

// Views are valid until the parser that made the value reads another document.
std::optional<std::string_view> read_text(simdjson::ondemand::value value, std::string_view field);
std::optional<std::int64_t> read_id(simdjson::ondemand::value value, std::string_view field);
std::optional<bool> read_flag(simdjson::ondemand::value value, std::string_view field);
// The exact JSON text; nullopt for null.
std::optional<std::string_view> read_raw(simdjson::ondemand::value value);

[[noreturn]] void throw_undecodable(std::string_view field, std::string_view cause);

}  // namespace imednet::api
