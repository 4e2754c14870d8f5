#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/edc/record_change.h"
#include "sandbox/edc/table.h"

namespace imednet::sandbox::edc {

struct SyntheticStudy {
  std::string study_key;
  std::size_t records;
};

// All studies served, by key. Reading and changing may go on at the same time: a reader holds the table it started with.
class StudyStore {
 public:
  // Each folder may hold one or more studies; rows go to the study their studyKey names.
  void load(const std::vector<std::filesystem::path>& folders);
  // Serves a study's data under a second key too, unless there is no such study or the key is taken.
  void add_alias(const std::string& alias, const std::string& study_key);
  // Records made from those of the first loaded study, everything else as there but for what tells of single records: that is empty.
  void add_synthetic(const SyntheticStudy& synthetic);

  bool has_study(const std::string& study_key) const;
  std::shared_ptr<const Table> studies() const;
  // Throws std::out_of_range for an unknown study.
  std::shared_ptr<const Table> table(const std::string& study_key, const Resource& resource) const;

  // Applies the change to the study's records, as one new state. Throws std::invalid_argument when it cannot be applied.
  void change_records(const std::string& study_key, const RecordChange& change);

  // No study changes while it is held: what is read then is what put_rows() adds to.
  using ChangeLock = std::unique_lock<std::mutex>;
  ChangeLock lock_changes() { return ChangeLock(change_mutex_); }
  // Serves these rows of a resource with numbers as ids, too, or in place of those with their ids, as one new state. Throws
  // std::invalid_argument for a study that cannot change.
  void put_rows(const ChangeLock& lock, const std::string& study_key, std::string_view resource, std::vector<std::string> texts);

 private:
  using Tables = std::map<std::string, std::shared_ptr<const Table>, std::less<>>;

  void load_folder(const std::filesystem::path& folder);
  void insert_study(const std::string& study_key, Tables tables);
  void rebuild_study_list();
  void replace_table(const std::string& study_key, std::string_view resource, std::shared_ptr<const Table> table);

  mutable std::mutex mutex_;
  std::mutex change_mutex_;
  std::map<std::string, Tables> tables_by_study_;
  std::vector<std::string> load_order_;
  std::shared_ptr<const Table> studies_;
};

}  // namespace imednet::sandbox::edc
