#include "api/record_json.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "imednet/errors.h"

namespace imednet {
namespace {

using errors::ErrorCode;
using nlohmann::ordered_json;

[[noreturn]] void refuse(std::size_t place, std::string_view cause, std::string hint) {
  throw errors::ConfigurationError(fmt::format("cannot send record {} of those given: {}", place + 1, cause),
                                   {.code = ErrorCode::invalid_argument, .hint = std::move(hint)});
}

template <class Value>
void put(ordered_json& item, const char* name, const std::optional<Value>& value) {
  if (value) item[name] = *value;
}

ordered_json answer_json(const AnswerValue& answer) {
  return std::visit([](const auto& value) { return ordered_json(value); }, answer);
}

void require_sendable(const RecordInput& record, std::size_t place) {
  if (!record.form_key && !record.form_id) refuse(place, "it names no form", "name one by key or id");
  const bool has_subject = record.subject_key || record.subject_id || record.subject_oid;
  const bool has_record = record.record_id || record.record_oid;
  if (!has_subject && !has_record && !record.site_id && !record.site_name)
    refuse(place, "it names neither a subject nor a site", "name a site to register a subject, else the subject");
  if (record.data.empty()) refuse(place, "it has no answers", "iMednet takes no empty record");
  for (const auto& [name, answer] : record.data) {
    const double* const number = std::get_if<double>(&answer);
    if (number != nullptr && !std::isfinite(*number)) refuse(place, fmt::format("the answer to {} is no finite number", name), "");
  }
}

ordered_json to_json(const RecordInput& record) {
  ordered_json item = ordered_json::object();
  put(item, "formKey", record.form_key);
  put(item, "formId", record.form_id);
  put(item, "siteName", record.site_name);
  put(item, "siteId", record.site_id);
  put(item, "subjectKey", record.subject_key);
  put(item, "subjectId", record.subject_id);
  put(item, "subjectOid", record.subject_oid);
  put(item, "intervalName", record.interval_name);
  put(item, "intervalId", record.interval_id);
  put(item, "recordId", record.record_id);
  put(item, "recordOid", record.record_oid);
  ordered_json& data = item["data"] = ordered_json::object();
  for (const auto& [name, answer] : record.data) data[name] = answer_json(answer);
  return item;
}

// A member of an item that names something: by text or by number.
struct Name {
  const char* member;
  std::variant<OptionalText RecordInput::*, OptionalId RecordInput::*> place;
};
const std::array kNames{Name{"formKey", &RecordInput::form_key},       Name{"formId", &RecordInput::form_id},
                        Name{"siteName", &RecordInput::site_name},     Name{"siteId", &RecordInput::site_id},
                        Name{"subjectKey", &RecordInput::subject_key}, Name{"subjectId", &RecordInput::subject_id},
                        Name{"subjectOid", &RecordInput::subject_oid}, Name{"intervalName", &RecordInput::interval_name},
                        Name{"intervalId", &RecordInput::interval_id}, Name{"recordId", &RecordInput::record_id},
                        Name{"recordOid", &RecordInput::record_oid}};

bool is_too_large(const ordered_json& value) { return value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}; }

void take_name(RecordInput& record, const Name& name, const ordered_json& value, std::size_t place) {
  if (value.is_null()) return;
  if (const auto* text = std::get_if<OptionalText RecordInput::*>(&name.place)) {
    if (!value.is_string()) refuse(place, fmt::format("{} is no text", name.member), "");
    record.** text = value.get<std::string>();
  } else {
    if (!value.is_number_integer() || is_too_large(value)) refuse(place, fmt::format("{} is no whole number of 64 bits", name.member), "");
    record.*std::get<OptionalId RecordInput::*>(name.place) = value.get<std::int64_t>();
  }
}

AnswerValue answer_of(const ordered_json& value, const std::string& variable, std::size_t place) {
  if (value.is_null()) return nullptr;
  if (value.is_boolean()) return value.get<bool>();
  if (is_too_large(value)) refuse(place, fmt::format("the answer to {} does not fit 64 bits", variable), "send it as a text");
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  refuse(place, fmt::format("the answer to {} is a list or an object", variable), "send it as a text");
}

RecordInput record_of(const ordered_json& item, std::size_t place) {
  if (!item.is_object()) refuse(place, "it is no JSON object", "");
  RecordInput record;
  for (const auto& [member, value] : item.items()) {
    if (member == "data") {
      if (!value.is_object()) refuse(place, "data is no JSON object", "");
      for (const auto& [variable, answer] : value.items()) record.data.emplace(variable, answer_of(answer, variable, place));
      continue;
    }
    const auto name = std::ranges::find(kNames, member, [](const Name& one) { return std::string_view(one.member); });
    if (name == kNames.end()) refuse(place, fmt::format("it has a member {} that iMednet does not take", member), "answers stand in data");
    take_name(record, *name, value, place);
  }
  return record;
}

// nlohmann keeps the last of two members of one name, and takes a zero byte for the end of the text; here both are refused.
ordered_json parsed(std::string_view text, std::size_t place) {
  if (text.find('\0') != std::string_view::npos) refuse(place, "it is no JSON", "");
  std::vector<std::set<std::string>> open;
  bool has_doubles = false;
  const auto look = [&](int, nlohmann::json::parse_event_t event, ordered_json& part) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) open.emplace_back();
    if (event == Event::object_end) open.pop_back();
    if (event == Event::key && !open.back().insert(part.get<std::string>()).second) has_doubles = true;
    return true;
  };
  ordered_json value = ordered_json::parse(text, look, /*allow_exceptions=*/false);
  if (value.is_discarded()) refuse(place, "it is no JSON", "");
  if (has_doubles) refuse(place, "a member stands in it twice", "");
  return value;
}

}  // namespace

RecordInput register_subject(std::string form_key, std::string site_name, Answers data) {
  return {.form_key = std::move(form_key), .site_name = std::move(site_name), .data = std::move(data)};
}

RecordInput update_scheduled_record(std::string form_key, std::string subject_key, std::string interval_name, Answers data) {
  return {.form_key = std::move(form_key),
          .subject_key = std::move(subject_key),
          .interval_name = std::move(interval_name),
          .data = std::move(data)};
}

RecordInput new_record(std::string form_key, std::string subject_key, Answers data) {
  return {.form_key = std::move(form_key), .subject_key = std::move(subject_key), .data = std::move(data)};
}

std::vector<RecordInput> parse_records(std::string_view json) {
  std::vector<RecordInput> records;
  const std::size_t start = json.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return records;
  if (json[start] == '[' || ordered_json::accept(json)) {
    const ordered_json all = parsed(json, 0);
    if (!all.is_array()) return {record_of(all, 0)};
    for (const ordered_json& item : all) records.push_back(record_of(item, records.size()));
    return records;
  }
  while (!json.empty()) {
    const std::string_view line = json.substr(0, json.find('\n'));
    json.remove_prefix(std::min(json.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    records.push_back(record_of(parsed(line, records.size()), records.size()));
  }
  return records;
}

std::string api::records_json(std::span<const RecordInput> records) {
  ordered_json body = ordered_json::array();
  for (std::size_t i = 0; i < records.size(); ++i) {
    require_sendable(records[i], i);
    body.push_back(to_json(records[i]));
  }
  try {
    return body.dump();
  } catch (const nlohmann::json::exception&) {
    throw errors::ConfigurationError("cannot send records: a text is not UTF-8", {.code = ErrorCode::invalid_argument});
  }
}

}  // namespace imednet
