#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/edc/study_store.h"

namespace imednet::sandbox::edc {

// Whether the item has one of these members, and not as null.
bool names_any(const nlohmann::ordered_json& item, std::initializer_list<const char*> members);

// The records of one request on their way into a study: looked up and made one after the other, then served all at once. While it lives
// nothing else changes a study.
class RecordBatch {
 public:
  using Json = nlohmann::ordered_json;

  RecordBatch(StudyStore& store, std::string study_key) : store_(store), study_key_(std::move(study_key)), lock_(store.lock_changes()) {}

  // Makes or changes the record that the item is about, with a revision of it; false: something that it names is not there.
  bool add(const Json& item);
  // Nothing is seen of it before. Throws std::invalid_argument for a study that cannot change.
  void store();

 private:
  using Names = std::vector<std::pair<const char*, Json>>;  // attribute and value

  std::optional<Json> record_of(const Json& item);
  Json new_subject(const Json& site);
  void change(Json& record, const Json& answers) const;
  void add_revision(const Json& record, bool is_new);

  // The first row that has all of these, of this batch or else of the study.
  std::optional<Json> find(std::string_view resource, const Names& names) const;
  std::optional<Json> find_named(std::string_view resource, const Json& item, std::initializer_list<const char*> attributes) const;
  std::size_t count(std::string_view resource, const Names& names) const;
  Json& put(std::string_view resource, Json row);
  std::int64_t next_id(std::string_view resource);

  StudyStore& store_;
  std::string study_key_;
  StudyStore::ChangeLock lock_;
  std::map<std::string, std::map<std::int64_t, Json>, std::less<>> rows_;  // by resource and id
  std::map<std::string, std::int64_t, std::less<>> last_ids_;
};

}  // namespace imednet::sandbox::edc
