#include "api/record_json.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/answer_values.h"
#include "core/redact.h"
#include "imednet/errors.h"

namespace imednet {
namespace {

using errors::ErrorCode;
using nlohmann::ordered_json;

[[noreturn]] void refuse(std::size_t place, std::string_view cause, std::string hint) {
  throw errors::ConfigurationError(fmt::format("cannot send record {} of those given: {}", place + 1, core::redact(cause)),
                                   {.code = ErrorCode::invalid_argument, .hint = std::move(hint)});
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

template <class Value>
void put(ordered_json& item, const char* name, const std::optional<Value>& value) {
  if (value) item[name] = *value;
}

// As what a request is made of takes it.
bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(ordered_json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

ordered_json answer_json(const AnswerValue& answer) {
  return std::visit([](const auto& value) { return ordered_json(value); }, answer);
}

ordered_json to_json(const RecordInput& record) {
  ordered_json item = ordered_json::object();
  for (const Name& name : kNames) std::visit([&](const auto place) { put(item, name.member, record.*place); }, name.place);
  ordered_json& data = item["data"] = ordered_json::object();
  for (const auto& [name, answer] : record.data) data[name] = answer_json(answer);
  return item;
}

void take_name(RecordInput& record, const Name& name, const ordered_json& value, std::size_t place) {
  if (value.is_null()) return;
  if (const auto* text = std::get_if<OptionalText RecordInput::*>(&name.place)) {
    if (!value.is_string()) refuse(place, fmt::format("{} is no text", name.member), "");
    record.** text = value.get<std::string>();
  } else {
    if (!value.is_number_integer()) refuse(place, fmt::format("{} is no whole number", name.member), "");
    record.*std::get<OptionalId RecordInput::*>(name.place) = value.get<std::int64_t>();
  }
}

AnswerValue answer_of(const ordered_json& value, const std::string& variable, std::size_t place) {
  if (value.is_null()) return nullptr;
  if (value.is_boolean()) return value.get<bool>();
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

// What a value made of the text would not show: a member that stands twice, of which it keeps the last; a number that it rounds.
class Judge final : public nlohmann::json_sax<ordered_json> {
 public:
  explicit Judge(std::size_t place) : place_(place) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t number) override {
    if (number > number_unsigned_t{INT64_MAX}) refuse_number();
    return true;
  }
  bool number_float(number_float_t, const string_t& text) override {
    if (!core::parse_number(text)) refuse_number();
    return true;
  }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    open_.emplace_back();
    return true;
  }
  bool end_object() override {
    open_.pop_back();
    return true;
  }
  bool key(string_t& name) override {
    if (!open_.back().insert(name).second) refuse(place_, "a member stands in it twice", "");
    key_ = name;
    return true;
  }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  [[noreturn]] void refuse_number() const {
    refuse(place_, fmt::format("the number of {} has more digits than are kept of a number", key_), "send it as a text");
  }

  std::size_t place_;
  std::vector<std::set<std::string>> open_;
  std::string key_;  // the last one
};

ordered_json parsed(std::string_view text, std::size_t place) {
  if (text.find('\0') != std::string_view::npos) refuse(place, "it is no JSON", "");  // where nlohmann would stop reading
  Judge judge(place);
  if (!ordered_json::sax_parse(text, &judge)) refuse(place, "it is no JSON", "");
  return ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
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

namespace api {

std::vector<RecordFinding> unsendable(const RecordInput& record, std::size_t place) {
  std::vector<RecordFinding> findings;
  const auto find = [&](std::string variable, std::string what, std::string hint) {
    findings.push_back({place, std::move(variable), std::move(what), std::move(hint)});
  };
  for (const Name& name : kNames) {
    const auto* text = std::get_if<OptionalText RecordInput::*>(&name.place);
    if (text == nullptr || !(record.**text)) continue;
    if ((record.**text)->empty()) find("", fmt::format("its {} is empty", name.member), "leave it out");
    if (!is_utf8(*(record.**text))) find("", fmt::format("its {} is not UTF-8", name.member), "");
  }
  if (!record.form_key && !record.form_id) find("", "it names no form", "name one by key or id");
  const bool has_subject = record.subject_key || record.subject_id || record.subject_oid;
  const bool has_record = record.record_id || record.record_oid;
  if (!has_subject && !has_record && !record.site_id && !record.site_name)
    find("", "it names neither a subject nor a site", "name a site to register a subject, else the subject");
  if (record.data.empty()) find("", "it has no answers", "iMednet takes no empty record");
  for (const auto& [name, answer] : record.data) {
    const auto* const number = std::get_if<double>(&answer);
    if (number != nullptr && !std::isfinite(*number)) find(name, "the answer is no finite number", "");
    const auto* const text = std::get_if<std::string>(&answer);
    if (!is_utf8(name) || (text != nullptr && !is_utf8(*text))) find(name, "the answer is not UTF-8", "");
  }
  return findings;
}

std::string records_json(std::span<const RecordInput> records) {
  ordered_json body = ordered_json::array();
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::vector<RecordFinding> findings = unsendable(records[i], i);
    if (!findings.empty()) {
      const RecordFinding& first = findings.front();
      refuse(i, first.variable.empty() ? first.what : fmt::format("{}: {}", first.variable, first.what), first.hint);
    }
    body.push_back(to_json(records[i]));
  }
  return body.dump();
}

}  // namespace api

}  // namespace imednet
