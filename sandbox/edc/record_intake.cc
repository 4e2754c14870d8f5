#include "sandbox/edc/record_intake.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <optional>
#include <utility>

#include "sandbox/edc/request_error.h"
#include "sandbox/edc/stored_table.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 12> kNames{"formKey",    "formId",   "siteName",     "siteId",     "subjectKey", "subjectId",
                                                  "subjectOid", "recordId", "intervalName", "intervalId", "recordOid",  "data"};

std::string now_stamp() { return format_stamp(std::chrono::system_clock::now()); }

// Names of jobs need not be hard to guess here, only different from one another.
std::string made_id(std::size_t number, unsigned kind) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-0000-4000-8000-%012zx", kind, number);
  return text.data();
}

bool has_any(const Json& item, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return item.contains(name) && !item.at(name).is_null(); });
}

// A number and its text are the same name.
std::string spelled(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void check_item(const Json& item) {
  if (!item.is_object()) throw bad_value("records", item.dump(), "each record is an object");
  for (const auto& [name, value] : item.items()) {
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) throw bad_value(name, value.dump(), "no such attribute");
  }
  if (!has_any(item, {"formKey", "formId"})) throw bad_value("formKey", "", "a record names its form");
  if (!has_any(item, {"siteName", "siteId", "subjectKey", "subjectId", "subjectOid", "recordId", "recordOid"}))
    throw bad_value("subjectKey", "", "a record names its subject, or a site to register one");
  if (!item.contains("data") || !item.at("data").is_object() || item.at("data").empty())
    throw bad_value("data", item.value("data", Json()).dump(), "a record has answers");
}

Json parsed(std::string_view body) {
  Json items = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!items.is_array() || items.empty()) throw bad_value("records", "", "the body is a list of records");
  std::for_each(items.begin(), items.end(), check_item);
  return items;
}

// The first row that has one of these values; each pair is the attribute and the item's name of it.
using Match = std::pair<const char*, const char*>;
std::optional<Json> find_row(const StudyStore& store, const std::string& study, std::string_view resource, const Json& item,
                             std::initializer_list<Match> matches) {
  const auto table = store.table(study, *find_resource(resource));
  for (std::size_t rank = 0; rank < table->size(); ++rank) {
    std::string text;
    table->append_row(rank, text);
    Json row = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const bool is_it = std::any_of(matches.begin(), matches.end(), [&](const Match& match) {
      return has_any(item, {match.second}) && row.is_object() && row.contains(match.first) &&
             spelled(row.at(match.first)) == spelled(item.at(match.second));
    });
    if (is_it) return row;
  }
  return std::nullopt;
}

// Rows that a request makes or changes; nobody sees them before all of its records are taken.
class Batch {
 public:
  Batch(const StudyStore& store, const std::string& study) : store_(store), study_(study) {}

  // One more row, with the next free id; or the row as it stands already in this batch.
  Json& add(std::string_view resource, Json row) {
    const Resource& kind = *find_resource(resource);
    const std::string id(kind.id);
    if (!row.contains(id)) row[id] = next_id(kind);
    for (auto& [name, other] : rows_) {
      if (name == resource && other.at(id) == row.at(id)) return other;
    }
    return rows_.emplace_back(resource, std::move(row)).second;
  }
  void store(StudyStore& store) const {
    for (const auto& [resource, row] : rows_) store.put_row(study_, resource, row.dump());
  }

 private:
  std::int64_t next_id(const Resource& kind) const {
    const std::string id(kind.id);
    const auto table = store_.table(study_, kind);
    std::int64_t highest = 0;
    const auto see = [&](const Json& row) {
      if (row.is_object() && row.contains(id) && row.at(id).is_number_integer())
        highest = std::max(highest, row.at(id).get<std::int64_t>());
    };
    for (std::size_t rank = 0; rank < table->size(); ++rank) {
      std::string text;
      table->append_row(rank, text);
      see(Json::parse(text, nullptr, /*allow_exceptions=*/false));
    }
    for (const auto& [name, row] : rows_) {
      if (name == kind.name) see(row);
    }
    return highest + 1;
  }

  const StudyStore& store_;
  const std::string& study_;
  std::deque<std::pair<std::string, Json>> rows_;  // resource and row
};

Json copied(const Json& from, std::initializer_list<const char*> names) {
  Json to = Json::object();
  for (const char* name : names) to[name] = from.value(name, Json());
  return to;
}

Json new_subject(const std::string& study, const Json& site) {
  Json subject = {{"studyKey", study}, {"subjectStatus", "Registered"}};
  subject.update(copied(site, {"siteId", "siteName"}));
  subject.update(Json{{"deleted", false},
                      {"enrollmentStartDate", now_stamp()},
                      {"dateCreated", now_stamp()},
                      {"dateModified", now_stamp()},
                      {"keywords", Json::array()}});
  return subject;
}

Json new_record(const std::string& study, const Json& form, const Json& subject, const Json& interval) {
  Json record = {{"studyKey", study}, {"intervalId", interval.value("intervalId", Json())}};
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

// The record of that form, subject and interval.
std::optional<Json> scheduled_record(const StudyStore& store, const std::string& study, const Json& form, const Json& subject,
                                     const Json& interval) {
  const auto table = store.table(study, *find_resource("records"));
  for (std::size_t rank = 0; rank < table->size(); ++rank) {
    std::string text;
    table->append_row(rank, text);
    Json row = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!row.is_object()) continue;
    const bool is_it = row.value("formKey", Json()) == form.value("formKey", Json()) &&
                       row.value("subjectKey", Json()) == subject.value("subjectKey", Json()) &&
                       row.value("intervalId", Json()) == interval.value("intervalId", Json());
    if (is_it) return row;
  }
  return std::nullopt;
}

}  // namespace

// The record that an item is about, made or as it stands. nullopt: something that it names is not there.
static std::optional<Json> record_of(const StudyStore& store, const std::string& study, const Json& item, Batch& batch) {
  const auto form = find_row(store, study, "forms", item, {{"formKey", "formKey"}, {"formId", "formId"}});
  if (!form) return std::nullopt;
  if (has_any(item, {"recordId", "recordOid"}))
    return find_row(store, study, "records", item, {{"recordId", "recordId"}, {"recordOid", "recordOid"}});
  if (!has_any(item, {"subjectKey", "subjectId", "subjectOid"})) {
    const auto site = find_row(store, study, "sites", item, {{"siteName", "siteName"}, {"siteId", "siteId"}});
    if (!site) return std::nullopt;
    Json& subject = batch.add("subjects", new_subject(study, *site));
    const std::string id = spelled(subject.at("subjectId"));
    subject["subjectOid"] = "OID-" + id;
    subject["subjectKey"] = spelled(site->at("siteId")) + "-" + id;
    return new_record(study, *form, subject, Json::object());
  }
  const auto subject =
      find_row(store, study, "subjects", item, {{"subjectKey", "subjectKey"}, {"subjectId", "subjectId"}, {"subjectOid", "subjectOid"}});
  if (!subject) return std::nullopt;
  if (!has_any(item, {"intervalName", "intervalId"})) return new_record(study, *form, *subject, Json::object());
  const auto interval = find_row(store, study, "intervals", item, {{"intervalName", "intervalName"}, {"intervalId", "intervalId"}});
  if (!interval) return std::nullopt;
  auto record = scheduled_record(store, study, *form, *subject, *interval);
  return record ? std::move(record) : new_record(study, *form, *subject, *interval);
}

// All of them or none.
bool RecordIntake::store_all(const std::string& study, const Json& items) {
  Batch batch(store_, study);
  for (const Json& item : items) {
    auto record = record_of(store_, study, item, batch);
    if (!record) return false;
    Json& row = batch.add("records", std::move(*record));
    row["recordData"].update(item.at("data"));
    row["dateModified"] = now_stamp();
  }
  batch.store(store_);
  return true;
}

std::string RecordIntake::take(const std::string& study_key, std::string_view body) {
  const Json items = parsed(body);
  const std::scoped_lock lock(mutex_);
  const std::size_t number = jobs_.size() + 1;
  const std::string batch_id = made_id(number, 2);
  Job job{.study_key = study_key, .job_id = made_id(number, 1), .created = now_stamp(), .is_good = store_all(study_key, items)};
  const Json answer = {{"jobId", job.job_id}, {"batchId", batch_id}, {"state", "created"}};
  jobs_.emplace(batch_id, std::move(job));
  return answer.dump();
}

std::string RecordIntake::job(const std::string& study_key, const std::string& batch_id) {
  const std::scoped_lock lock(mutex_);
  const auto found = jobs_.find(batch_id);
  if (found == jobs_.end() || found->second.study_key != study_key) throw RequestError(404, kServerError, "There is no such job");
  Job& job = found->second;
  ++job.questions;
  const bool is_done = job.questions > 1;
  return Json{
      {"jobId", job.job_id},        {"batchId", batch_id},        {"state", is_done ? (job.is_good ? "completed" : "failed") : "running"},
      {"dateCreated", job.created}, {"dateStarted", job.created}, {"dateFinished", is_done ? Json(now_stamp()) : Json()}}
      .dump();
}

}  // namespace imednet::sandbox::edc
