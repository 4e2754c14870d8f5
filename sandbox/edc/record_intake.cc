#include "sandbox/edc/record_intake.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "sandbox/edc/record_batch.h"
#include "sandbox/edc/request_error.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 12> kItemNames{"formKey",    "formId",   "siteName",     "siteId",     "subjectKey", "subjectId",
                                                      "subjectOid", "recordId", "intervalName", "intervalId", "recordOid",  "data"};

// Names of jobs need not be hard to guess here, only different from one another.
std::string made_id(std::size_t number, unsigned kind) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-0000-4000-8000-%012zx", kind, number);
  return text.data();
}

void check_item(const Json& item) {
  if (!item.is_object()) throw bad_value("records", item.dump(), "each record is an object");
  for (const auto& [name, value] : item.items()) {
    if (std::find(kItemNames.begin(), kItemNames.end(), name) == kItemNames.end()) throw bad_value(name, value.dump(), "no such attribute");
    if (name != "data" && !value.is_string() && !value.is_number_integer() && !value.is_null())
      throw bad_value(name, value.dump(), "a name is a text or a whole number");
  }
  if (!names_any(item, {"formKey", "formId"})) throw bad_value("formKey", "", "a record names its form");
  if (!names_any(item, {"siteName", "siteId", "subjectKey", "subjectId", "subjectOid", "recordId", "recordOid"}))
    throw bad_value("subjectKey", "", "a record names its subject, or a site to register one");
  if (!item.contains("data") || !item.at("data").is_object() || item.at("data").empty())
    throw bad_value("data", item.value("data", Json()).dump(), "a record has answers");
  for (const auto& [name, value] : item.at("data").items()) {
    if (name.empty() || value.is_structured()) throw bad_value("data", name, "an answer is a text, a number or a flag");
  }
}

Json parsed(std::string_view body) {
  Json items = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!items.is_array() || items.empty()) throw bad_value("records", "", "the body is a list of records");
  std::for_each(items.begin(), items.end(), check_item);
  return items;
}

}  // namespace

// All of them or none.
bool RecordIntake::store_all(const std::string& study_key, const Json& items) {
  RecordBatch batch(store_, study_key);
  if (!std::all_of(items.begin(), items.end(), [&](const Json& item) { return batch.add(item); })) return false;
  try {
    batch.store();
  } catch (const std::invalid_argument& error) {
    throw RequestError(403, kNoPermission, error.what());
  }
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
