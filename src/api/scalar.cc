#include "api/scalar.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "imednet/errors.h"

namespace imednet::api {
namespace {

namespace json = simdjson::ondemand;

// simdjson tells null by its first letter; is_null() reads all of it.
std::nullopt_t checked_null(json::value value) {
  if (!bool(value.is_null())) throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
  return std::nullopt;
}

// A whole number in any of the spellings JSON allows: 12, "12", 12.0, 1.2e1.
std::int64_t whole_number(std::string_view text, std::string_view field) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end) return number;
  if (error == std::errc::result_out_of_range) throw_undecodable(field, "does not fit 64 bits");
  double real = 0;
  const auto [real_stop, real_error] = std::from_chars(text.data(), end, real);
  constexpr double kExactBelow = 9007199254740992.0;  // from here on a double does not tell whole numbers apart
  if (real_error != std::errc() || real_stop != end || std::floor(real) != real) throw_undecodable(field, "is not a whole number");
  if (std::fabs(real) >= kExactBelow) throw_undecodable(field, "does not fit 64 bits exactly");
  return static_cast<std::int64_t>(real);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

void throw_undecodable(std::string_view field, std::string_view cause) {
  throw errors::ApiError(fmt::format("cannot read from iMednet: the field {} {}", field, cause),
                         {.code = errors::ErrorCode::decode,
                          .hint = "report it to iMednet support, with the element that is named",
                          .origin = {.system = "imednet", .http_status = 200}});
}

std::optional<std::string_view> read_text(json::value value, std::string_view field) {
  switch (json::json_type type = value.type(); type) {
    case json::json_type::null:
      return checked_null(value);
    case json::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) throw_undecodable(field, "is text with a broken escape");
      return text;
    }
    case json::json_type::boolean:
      return bool(value.get_bool()) ? "true" : "false";
    case json::json_type::number:
      return trimmed(value.raw_json_token());
    default:
      throw_undecodable(field, "is neither text nor a number");
  }
}

std::optional<std::int64_t> read_id(json::value value, std::string_view field) {
  switch (json::json_type type = value.type(); type) {
    case json::json_type::null:
      return checked_null(value);
    case json::json_type::number: {
      std::int64_t number = 0;
      if (value.get_int64().get(number) == simdjson::SUCCESS) return number;
      return whole_number(trimmed(value.raw_json_token()), field);
    }
    case json::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text) != simdjson::SUCCESS) throw_undecodable(field, "is text with a broken escape");
      text = trimmed(text);
      if (text.empty()) return std::nullopt;
      return whole_number(text, field);
    }
    default:
      throw_undecodable(field, "is not a whole number");
  }
}

std::optional<bool> read_flag(json::value value, std::string_view field) {
  const auto text = read_text(value, field);
  if (!text || text->empty()) return std::nullopt;
  if (*text == "true" || *text == "True" || *text == "TRUE" || *text == "1") return true;
  if (*text == "false" || *text == "False" || *text == "FALSE" || *text == "0") return false;
  throw_undecodable(field, "is neither true nor false");
}

std::optional<std::string_view> read_raw(json::value value) {
  if (value.type() == json::json_type::null) return checked_null(value);
  return trimmed(value.raw_json());
}

}  // namespace imednet::api
