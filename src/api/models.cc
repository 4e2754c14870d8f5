// models.cc: what can be asked of an element besides its fields.
#include "imednet/models.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "api/model_decode.h"
#include "api/scalar.h"
#include "core/near_name.h"
#include "core/stamp.h"
#include "imednet/errors.h"

namespace imednet {
namespace {

namespace json = simdjson::ondemand;

constexpr std::array<std::string_view, 19> kRecordNames = {"studyKey",    "intervalId",     "formId",     "formKey",      "siteId",
                                                           "recordId",    "recordOid",      "recordType", "recordStatus", "deleted",
                                                           "dateCreated", "dateModified",   "subjectId",  "subjectOid",   "subjectKey",
                                                           "visitId",     "parentRecordId", "keywords",   "recordData"};

// Calls `visit` with each field of an element until it says that it has seen enough.
template <class Visit>
void for_each_field(std::string_view raw, Visit&& visit) {
  try {
    static thread_local json::parser parser;  // its memory is asked for once, not for each element
    const simdjson::padded_string padded(raw);
    json::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      const std::string_view name = api::name_of(field);
      json::value value = field.value();
      if (visit(name, value)) return;
    }
  } catch (const simdjson::simdjson_error&) {
    throw errors::ApiError("cannot read an element of iMednet: it is no JSON object",
                           {.code = errors::ErrorCode::decode, .origin = {.system = "imednet"}});
  }
}

// "", or nothing but blanks between brackets.
bool is_empty_text(std::string_view json_text) {
  if (json_text == "\"\"") return true;
  if (!json_text.starts_with('[') && !json_text.starts_with('{')) return false;
  return json_text.find_first_not_of(" \t\r\n", 1) == json_text.size() - 1;
}

// Numbers between brackets; nullopt where anything else stands there.
std::optional<std::vector<std::int64_t>> numbers_of(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::int64_t> numbers;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = api::trimmed(text.substr(0, comma));
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(one.data(), one.data() + one.size(), number);
    if (error != std::errc() || stop != one.data() + one.size()) return std::nullopt;
    numbers.push_back(number);
    if (comma == text.size()) return numbers;
    text.remove_prefix(comma + 1);
  }
}

// Producers of such arrays leave zeros at the end out.
std::optional<UtcTime> time_of_parts(std::vector<std::int64_t> parts) {
  constexpr std::size_t kLeast = 3, kMost = 7;
  if (parts.size() < kLeast || parts.size() > kMost) return std::nullopt;
  parts.resize(kMost, 0);
  if (parts[0] < 1 || parts[0] > 9999 || parts[6] < 0 || parts[6] > 999'999'999) return std::nullopt;
  const auto is_two_digits = [](std::int64_t part) { return part >= 0 && part <= 99; };
  if (!std::all_of(parts.begin() + 1, parts.begin() + 6, is_two_digits)) return std::nullopt;
  const auto micros = core::parse_stamp(
      fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}", parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]));
  return micros ? std::optional(UtcTime(std::chrono::microseconds(*micros))) : std::nullopt;
}

}  // namespace

std::optional<UtcTime> utc_of(const OptionalText& stamp) {
  if (!stamp) return std::nullopt;
  if (const auto parts = numbers_of(api::trimmed(*stamp))) return time_of_parts(*parts);
  const auto micros = core::parse_stamp(*stamp);
  return micros ? std::optional(UtcTime(std::chrono::microseconds(*micros))) : std::nullopt;
}

Presence presence(std::string_view raw, std::string_view field) {
  Presence found = Presence::absent;
  for_each_field(raw, [&](std::string_view name, json::value value) {
    if (name != field) return false;
    const auto text = api::read_raw(value);
    found = !text ? Presence::null : is_empty_text(*text) ? Presence::empty : Presence::value;
    return true;
  });
  return found;
}

std::vector<RawField> raw_fields(std::string_view raw, const std::vector<std::string>& names) {
  std::vector<std::optional<std::string>> found(names.size());
  for_each_field(raw, [&](std::string_view name, json::value value) {
    const auto place = std::ranges::find(names, name);
    if (place != names.end()) found[static_cast<std::size_t>(place - names.begin())] = std::string(api::read_raw(value).value_or("null"));
    return false;
  });
  std::vector<RawField> fields;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (found[i]) fields.emplace_back(names[i], std::move(*found[i]));
  }
  return fields;
}

std::vector<OptionalText> field_texts(std::string_view raw, const std::vector<std::string>& names) {
  std::vector<OptionalText> texts(names.size());
  for_each_field(raw, [&](std::string_view name, json::value value) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return false;
    const json::json_type type = value.type();
    const bool is_nested = type == json::json_type::object || type == json::json_type::array;
    const auto text = is_nested ? api::read_raw(value) : api::read_text(value, *found);
    if (text) texts[static_cast<std::size_t>(found - names.begin())] = std::string(*text);
    return false;
  });
  return texts;
}

OptionalFlag Query::is_open() const {
  const auto newest = std::ranges::max_element(query_comments, {}, [](const QueryComment& one) { return one.sequence.value_or(-1); });
  if (newest == query_comments.end() || !newest->closed) return std::nullopt;
  return !*newest->closed;
}

bool Job::is_terminal() const {
  const std::string now = core::lower_case(state.value_or(""));
  if (now.empty()) return batch_id.value_or("").empty();
  return now == "completed" || now == "success" || has_failed();
}

bool Job::has_failed() const {
  const std::string now = core::lower_case(state.value_or(""));
  return now == "failed" || now == "cancelled";
}

template <class Model>
std::vector<std::string_view> field_names() {
  return api::member_names<Model>();
}

template <>
std::vector<std::string_view> field_names<Record>() {
  return {kRecordNames.begin(), kRecordNames.end()};
}

template <class Model>
std::vector<RawField> extra_fields(const Model& element) {
  const std::vector<std::string_view> names = field_names<Model>();
  std::vector<RawField> extra;
  for_each_field(element.raw, [&](std::string_view name, json::value value) {
    if (std::ranges::find(names, name) != names.end()) return false;
    std::string own(name);
    extra.emplace_back(std::move(own), std::string(api::read_raw(value).value_or("null")));
    return false;
  });
  return extra;
}

template std::vector<RawField> extra_fields(const Study&);
template std::vector<RawField> extra_fields(const Site&);
template std::vector<RawField> extra_fields(const Form&);
template std::vector<RawField> extra_fields(const Interval&);
template std::vector<RawField> extra_fields(const Variable&);
template std::vector<RawField> extra_fields(const Subject&);
template std::vector<RawField> extra_fields(const Visit&);
template std::vector<RawField> extra_fields(const Record&);
template std::vector<RawField> extra_fields(const RecordRevision&);
template std::vector<RawField> extra_fields(const Query&);
template std::vector<RawField> extra_fields(const Coding&);
template std::vector<RawField> extra_fields(const User&);
template std::vector<RawField> extra_fields(const Job&);

template std::vector<std::string_view> field_names<Study>();
template std::vector<std::string_view> field_names<Site>();
template std::vector<std::string_view> field_names<Form>();
template std::vector<std::string_view> field_names<Interval>();
template std::vector<std::string_view> field_names<Variable>();
template std::vector<std::string_view> field_names<Subject>();
template std::vector<std::string_view> field_names<Visit>();
template std::vector<std::string_view> field_names<RecordRevision>();
template std::vector<std::string_view> field_names<Query>();
template std::vector<std::string_view> field_names<Coding>();
template std::vector<std::string_view> field_names<User>();
template std::vector<std::string_view> field_names<Job>();

}  // namespace imednet
