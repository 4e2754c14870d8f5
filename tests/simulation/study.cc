#include "simulation/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace imednet::simulation {
namespace {

constexpr std::array kForms = {"AE", "VS", "LB"};
constexpr std::int64_t kStartMicros = 1'780'000'000'000'000;

std::string micros(std::int64_t at) { return std::to_string(kStartMicros + at / 1000 * 1'000'000); }

}  // namespace

Study::Study(World& world) : world_(world) {
  const std::int64_t count = world_.random.chance(5) ? 0 : world_.random.between(1, 40);
  for (std::int64_t i = 0; i < count; ++i) insert();
}

// Values with what may go wrong on the way: escapes, letters of four bytes, empty against null, numbers, a key that comes twice.
std::unique_ptr<Version> Study::draw(std::int64_t id) {
  Random& random = world_.random;
  auto version = std::make_unique<Version>();
  version->since = world_.now();
  version->form = kForms[static_cast<std::size_t>(random.between(0, 2))];
  const std::int64_t subject = random.between(1, 9);
  const bool is_deleted = random.chance(5);
  const bool has_visit = random.chance(70);
  const bool has_double_key = random.chance(5);
  const std::string odd = random.chance(20) ? R"(\u00e9\n\"\\ 🧪)" : "";
  std::string data =
      fmt::format(R"({{"A":"{}-{}{}","N":{}.50,"E":"","Z":null)", kCanary, random.between(0, 999'999), odd, random.between(-99, 99));
  data += has_double_key ? R"(,"A":"twice"})" : "}";
  const std::string created = world_.stamp(made_.emplace(id, version->since).first->second);
  const std::string modified = world_.stamp(version->since);
  version->json = fmt::format(
      R"({{"studyKey":"{}","intervalId":{},"formId":7,"formKey":"{}","siteId":1,"recordId":{},"recordOid":"","recordType":"SUBJECT",)"
      R"("recordStatus":"Record Incomplete","deleted":{},"dateCreated":"{}","dateModified":"{}","subjectId":{},"subjectOid":"OID-{}",)"
      R"("subjectKey":"{}-{}","visitId":{},"parentRecordId":0,"keywords":[],"recordData":{}}})",
      kStudy, id % 4, version->form, id, is_deleted, created, modified, subject, subject, kCanary, subject,
      has_visit ? std::to_string(id * 10) : "null", data);
  version->cells = {kStudy,
                    std::to_string(id % 4),
                    "7",
                    version->form,
                    "1",
                    std::to_string(id),
                    "",
                    "SUBJECT",
                    "Record Incomplete",
                    is_deleted ? "true" : "false",
                    micros(made_.at(id)),
                    micros(version->since),
                    std::to_string(subject),
                    fmt::format("OID-{}", subject),
                    fmt::format("{}-{}", kCanary, subject),
                    has_visit ? std::optional(std::to_string(id * 10)) : std::nullopt,
                    "0",
                    "[]",
                    has_double_key ? std::nullopt : std::optional(data),
                    has_double_key ? std::optional(data) : std::nullopt};
  return version;
}

void Study::put(std::int64_t id, bool is_gone) {
  auto version = is_gone ? std::make_unique<Version>() : draw(id);
  version->since = world_.now();
  world_.trace(fmt::format("study: record {} {}", id, is_gone ? "vanishes" : "is written"));
  records_[id].push_back(std::move(version));
  ++edition_;
  largest_ = std::max(largest_, size());
}

const Version* Study::current(std::int64_t id) const {
  const Version& last = *records_.at(id).back();
  return last.json.empty() ? nullptr : &last;
}

std::int64_t Study::size() const {
  return std::count_if(records_.begin(), records_.end(), [](const auto& record) { return !record.second.back()->json.empty(); });
}

std::vector<const Version*> Study::between(std::int64_t id, std::int64_t from, std::int64_t to) const {
  std::vector<const Version*> states;
  const auto record = records_.find(id);
  if (record == records_.end()) return states;
  if (record->second.front()->since >= from) states.push_back(nullptr);
  for (std::size_t i = 0; i < record->second.size(); ++i) {
    const Version& version = *record->second[i];
    const bool is_over = i + 1 < record->second.size() && record->second[i + 1]->since < from;
    if (version.since <= to && !is_over) states.push_back(version.json.empty() ? nullptr : &version);
  }
  return states;
}

std::int64_t Study::some_record() {
  std::vector<std::int64_t> ids;
  for (const auto& [id, versions] : records_) {
    if (!versions.back()->json.empty()) ids.push_back(id);
  }
  return ids.empty() ? 0 : ids[static_cast<std::size_t>(world_.random.between(0, static_cast<std::int64_t>(ids.size()) - 1))];
}

void Study::insert() {
  next_id_ += world_.random.between(1, 5);
  put(next_id_, false);
}

void Study::update() {
  if (const std::int64_t id = some_record()) put(id, false);
}

void Study::vanish() {
  if (const std::int64_t id = some_record()) put(id, true);
}

void Study::change() {
  const std::int64_t kind = world_.random.between(1, 10);
  kind <= 4 ? insert() : kind <= 8 ? update() : vanish();
}

void Study::shrink(int percent) {
  for (std::int64_t left = size() * percent / 100; left > 0; --left) vanish();
}

}  // namespace imednet::simulation
