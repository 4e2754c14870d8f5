#include "sandbox/edc/record_batch.h"

#include <algorithm>
#include <limits>

#include "sandbox/edc/request_error.h"
#include "sandbox/edc/selection.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

using Json = RecordBatch::Json;

bool is_given(const Json& item, const char* name) { return item.contains(name) && !item.at(name).is_null(); }

// A number and its text are the same name.
std::string spelled(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

Json copied(const Json& from, std::initializer_list<const char*> names) {
  Json to = Json::object();
  for (const char* name : names) to[name] = from.value(name, Json());
  return to;
}

Json new_record(const std::string& study_key, const Json& form, const Json& subject, const Json& interval) {
  Json record = {{"studyKey", study_key}, {"intervalId", interval.value("intervalId", Json())}};
  record.update(copied(form, {"formId", "formKey"}));
  record["siteId"] = subject.value("siteId", Json());
  record.update(Json{{"recordOid", ""},
                     {"recordType", "SUBJECT"},
                     {"recordStatus", "Record Incomplete"},
                     {"deleted", false},
                     {"dateCreated", now_stamp()},
                     {"dateModified", now_stamp()}});
  record.update(copied(subject, {"subjectId", "subjectOid", "subjectKey"}));
  record.update(Json{{"visitId", nullptr}, {"parentRecordId", nullptr}, {"keywords", Json::array()}, {"recordData", Json::object()}});
  return record;
}

// Rows of the study that have all of these.
std::shared_ptr<const Selection> selected(const Table& table, const std::vector<std::pair<const char*, Json>>& names) {
  Filter filter{{{}}, {}};
  for (const auto& [attribute, value] : names) {
    filter.any_of.front().push_back({attribute, Comparison::kEqual, spelled(value)});
    filter.text += std::string(attribute) + '\0' + spelled(value) + '\0';
  }
  try {
    return select_rows(table, {filter, {}, {}});
  } catch (const RequestError&) {  // no value that the attribute can have
    return std::make_shared<const Selection>();
  }
}

bool has_all(const Json& row, const std::vector<std::pair<const char*, Json>>& names) {
  return std::all_of(names.begin(), names.end(),
                     [&](const auto& name) { return is_given(row, name.first) && spelled(row.at(name.first)) == spelled(name.second); });
}

}  // namespace

bool names_any(const nlohmann::ordered_json& item, std::initializer_list<const char*> members) {
  return std::any_of(members.begin(), members.end(), [&](const char* member) { return is_given(item, member); });
}

bool RecordBatch::add(const Json& item) {
  auto record = record_of(item);
  if (!record) return false;
  const bool is_new = !record->contains("recordId");
  Json& row = put("records", std::move(*record));
  change(row, item.at("data"));
  add_revision(row, is_new);
  return true;
}

// Names of answers are the same in any case, as in recordDataFilter.
void RecordBatch::change(Json& record, const Json& answers) const {
  Json& data = record["recordData"];
  if (!data.is_object()) data = Json::object();
  for (const auto& [name, value] : answers.items()) {
    const std::string wanted = folded(name);
    std::string known = name;
    for (const auto& [key, old] : data.items()) {
      if (folded(key) == wanted) known = key;
    }
    data[known] = value;
  }
  record["dateModified"] = now_stamp();
}

void RecordBatch::add_revision(const Json& record, bool is_new) {
  const std::size_t earlier = count("recordRevisions", {{"recordId", record.at("recordId")}});
  const std::size_t number = std::max<std::size_t>(earlier, is_new ? 0 : 1) + 1;
  Json revision = {{"studyKey", study_key_}, {"recordId", record.at("recordId")}};
  revision.update(copied(record, {"recordOid"}));
  revision.update(Json{{"recordRevision", number}, {"dataRevision", number}});
  revision.update(copied(record, {"recordStatus", "subjectId", "subjectOid", "subjectKey", "siteId", "formKey", "intervalId"}));
  revision.update(
      Json{{"role", "API"}, {"user", "sandbox"}, {"reasonForChange", nullptr}, {"deleted", false}, {"dateCreated", now_stamp()}});
  put("recordRevisions", std::move(revision));
}

// The record that an item is about, made or as it stands. nullopt: something that it names is not there.
std::optional<Json> RecordBatch::record_of(const Json& item) {
  const auto form = find_named("forms", item, {"formKey", "formId"});
  if (!form) return std::nullopt;
  if (names_any(item, {"recordId", "recordOid"})) return find_named("records", item, {"recordId", "recordOid"});
  if (!names_any(item, {"subjectKey", "subjectId", "subjectOid"})) {
    const auto site = find_named("sites", item, {"siteName", "siteId"});
    return site ? std::optional(new_record(study_key_, *form, new_subject(*site), Json::object())) : std::nullopt;
  }
  const auto subject = find_named("subjects", item, {"subjectKey", "subjectId", "subjectOid"});
  if (!subject) return std::nullopt;
  if (!names_any(item, {"intervalName", "intervalId"})) return new_record(study_key_, *form, *subject, Json::object());
  const auto interval = find_named("intervals", item, {"intervalName", "intervalId"});
  if (!interval) return std::nullopt;
  auto record = find("records", {{"formKey", form->value("formKey", Json())},
                                 {"subjectKey", subject->value("subjectKey", Json())},
                                 {"intervalId", interval->value("intervalId", Json())}});
  return record ? std::move(record) : new_record(study_key_, *form, *subject, *interval);
}

Json RecordBatch::new_subject(const Json& site) {
  Json subject = {{"studyKey", study_key_}, {"subjectId", next_id("subjects")}};
  const std::string id = spelled(subject.at("subjectId"));
  subject["subjectOid"] = "OID-" + id;
  subject["subjectKey"] = spelled(site.at("siteId")) + "-" + id;
  subject["subjectStatus"] = "Registered";
  subject.update(copied(site, {"siteId", "siteName"}));
  subject.update(Json{{"deleted", false},
                      {"enrollmentStartDate", now_stamp()},
                      {"dateCreated", now_stamp()},
                      {"dateModified", now_stamp()},
                      {"keywords", Json::array()}});
  return put("subjects", std::move(subject));
}

std::optional<Json> RecordBatch::find(std::string_view resource, const Names& names) const {
  const auto made = rows_.find(resource);
  if (made != rows_.end()) {
    for (const auto& [id, row] : made->second) {
      if (has_all(row, names)) return row;
    }
  }
  const auto table = store_.table(study_key_, *find_resource(resource));
  const auto found = selected(*table, names);
  if (found->size() == 0) return std::nullopt;
  std::string text;
  table->append_row(found->rank_at(0), text);
  Json row = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return row.is_object() ? std::optional(std::move(row)) : std::nullopt;
}

std::optional<Json> RecordBatch::find_named(std::string_view resource, const Json& item,
                                            std::initializer_list<const char*> attributes) const {
  Names names;
  for (const char* attribute : attributes) {
    if (is_given(item, attribute)) names.emplace_back(attribute, item.at(attribute));
  }
  return names.empty() ? std::nullopt : find(resource, names);
}

std::size_t RecordBatch::count(std::string_view resource, const Names& names) const {
  std::size_t number = selected(*store_.table(study_key_, *find_resource(resource)), names)->size();
  const auto made = rows_.find(resource);
  if (made == rows_.end()) return number;
  for (const auto& [id, row] : made->second) number += has_all(row, names) ? 1 : 0;
  return number;
}

Json& RecordBatch::put(std::string_view resource, Json row) {
  const std::string id(find_resource(resource)->id);
  if (!row.contains(id)) row[id] = next_id(resource);
  Json& place = rows_[std::string(resource)][row.at(id).get<std::int64_t>()];
  place = std::move(row);
  return place;
}

// Rows whose id is none stand last and do not count.
std::int64_t RecordBatch::next_id(std::string_view resource) {
  const auto known = last_ids_.find(resource);
  if (known != last_ids_.end()) return ++known->second;
  const auto table = store_.table(study_key_, *find_resource(resource));
  const std::size_t end = table->lower_rank(std::numeric_limits<std::int64_t>::max());
  const std::int64_t last = end == 0 ? 0 : table->value(end - 1, table->resource().id_index()).number;
  return last_ids_[std::string(resource)] = last + 1;
}

void RecordBatch::store() {
  for (const char* resource : {"subjects", "records", "recordRevisions"}) {
    std::vector<std::string> texts;
    for (const auto& [id, row] : rows_[resource]) texts.push_back(row.dump());
    if (!texts.empty()) store_.put_rows(lock_, study_key_, resource, std::move(texts));
  }
}

}  // namespace imednet::sandbox::edc
