#include "fuzz/json_opinion.h"

#include <cmath>
#include <cstdlib>
#include <set>

namespace imednet::fuzz {
namespace {

constexpr std::size_t kDeep = 500;
const json kNull;

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

// What JSON and its neighbours call a number, from a text.
Opinion<std::int64_t> number_in(const std::string& text) {
  if (text.find_first_not_of("-0123456789") == std::string::npos && text.find('-', 1) == std::string::npos && text != "-") {
    const json number = json::parse(text[0] == '-' ? "-" + text.substr(std::min(text.find_first_not_of('0', 1), text.size() - 1))
                                                   : text.substr(std::min(text.find_first_not_of('0'), text.size() - 1)),
                                    nullptr, false);
    return number.is_number_integer() ? id_of(number) : Opinion<std::int64_t>{};
  }
  char* end = nullptr;
  const bool is_odd = text.find_first_not_of("0123456789.eE+-") != std::string::npos || text.front() == '+';
  const double real = std::strtod(text.c_str(), &end);
  return !is_odd && *end == '\0' ? id_of(json(real)) : Opinion<std::int64_t>{};
}

}  // namespace

Document read_document(std::string_view text) {
  Document document;
  if (text.find('\0') != std::string_view::npos) return document;  // this reader would stop there
  std::vector<std::set<std::string>> keys;
  const auto look = [&](int, json::parse_event_t event, json& found) {
    using Event = json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) keys.emplace_back();
    document.is_deep = document.is_deep || keys.size() > kDeep;
    if ((event == Event::object_end || event == Event::array_end) && !keys.empty()) keys.pop_back();
    if (event == Event::key && !keys.empty() && !keys.back().insert(found.get<std::string>()).second) document.has_twin = true;
    return true;
  };
  document.value = json::parse(text, look, /*allow_exceptions=*/false);
  document.is_json = !document.value.is_discarded();
  return document;
}

Opinion<std::int64_t> id_of(const json& value) {
  if (value.is_null()) return {true, std::nullopt};
  if (value.is_string()) {
    const std::string text = trimmed(value.get<std::string>());
    return text.empty() ? Opinion<std::int64_t>{true, std::nullopt} : number_in(text);
  }
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) return {};
  if (value.is_number_integer()) return {true, value.get<std::int64_t>()};
  constexpr double kExact = 9007199254740992.0;
  if (!value.is_number_float() || std::fabs(value.get<double>()) >= kExact || std::trunc(value.get<double>()) != value.get<double>())
    return {};
  return {true, static_cast<std::int64_t>(value.get<double>())};
}

Opinion<bool> flag_of(const json& value) {
  if (value.is_null() || value == json("")) return {true, std::nullopt};
  if (value.is_boolean()) return {true, value.get<bool>()};
  const std::string text = value.is_string() ? value.get<std::string>() : value.is_number_unsigned() ? value.dump() : std::string();
  for (const char* yes : {"true", "True", "TRUE", "1"}) {
    if (text == yes) return {true, true};
  }
  for (const char* no : {"false", "False", "FALSE", "0"}) {
    if (text == no) return {true, false};
  }
  return {};
}

const json& Judge::member(const char* name) const {
  const auto found = element_.find(name);
  return found == element_.end() ? kNull : *found;
}

Judge& Judge::operator()(const char* name, const OptionalText& field) {
  const json& value = member(name);
  if (value.is_structured()) return refuse();
  if (!compares_) return *this;
  if (value.is_null()) return agree(!field, "null is no text");
  require(field.has_value(), "a text that was sent is there");
  if (value.is_string()) return agree(*field == value.get_ref<const std::string&>(), "a text is what was sent");
  return agree(json::parse(*field, nullptr, false) == value, "a number or a flag is its JSON text");
}

Judge& Judge::operator()(const char* name, const OptionalId& field) {
  const auto opinion = id_of(member(name));
  if (!opinion.is_readable) return refuse();
  return agree(!compares_ || field == opinion.value, "an id is the whole number that was sent");
}

Judge& Judge::operator()(const char* name, const OptionalFlag& field) {
  const auto opinion = flag_of(member(name));
  if (!opinion.is_readable) return refuse();
  return agree(!compares_ || field == opinion.value, "a flag is what was sent");
}

Judge& Judge::exact(const char* name, const OptionalText& field) {
  const json& value = member(name);
  if (!compares_) return *this;
  if (value.is_null()) return agree(!field, "null has no text");
  return agree(field && json::parse(*field, nullptr, false) == value, "what is kept as sent is what was sent");
}

Judge& Judge::time_parts(const char* name, const OptionalText& field) {
  return member(name).is_array() ? exact(name, field) : (*this)(name, field);
}

}  // namespace imednet::fuzz
