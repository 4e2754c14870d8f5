#include "sandbox/edc/study_store.h"

#include <stdexcept>

#include "sandbox/edc/json_scan.h"
#include "sandbox/edc/ndjson_file.h"
#include "sandbox/edc/stored_table.h"
#include "sandbox/edc/synthetic_table.h"

namespace imednet::sandbox::edc {
namespace {

const Resource& resource_named(std::string_view name) { return *find_resource(name); }

std::string study_of(const Row& row) {
  const auto key = find_member(row.text, "studyKey");
  return key ? decoded_text(*key) : std::string();
}

const StoredTable& stored(const Table& table, const std::string& study_key) {
  const auto* stored_table = dynamic_cast<const StoredTable*>(&table);
  if (stored_table == nullptr) {
    throw std::invalid_argument("the synthetic study " + study_key + " cannot change");
  }
  return *stored_table;
}

}  // namespace

void StudyStore::load(const std::vector<std::filesystem::path>& folders) {
  for (const auto& folder : folders) {
    load_folder(folder);
  }
  rebuild_study_list();
}

void StudyStore::load_folder(const std::filesystem::path& folder) {
  std::map<std::string, Tables> found;
  for (const Row& row : read_ndjson(folder, "studies")) {
    const std::string study_key = study_of(row);
    if (study_key.empty() || found.count(study_key) != 0) {
      throw std::runtime_error("cannot load " + folder.string() + ": a study without a key, or twice");
    }
    found[study_key]["studies"] = std::make_shared<StoredTable>(resource_named("studies"), std::vector<Row>{row});
  }
  if (found.empty()) {
    throw std::runtime_error("cannot load " + folder.string() + ": it has no studies.ndjson, or an empty one");
  }
  for (const Resource& resource : all_resources()) {
    if (resource.name == "studies") {
      continue;
    }
    std::map<std::string, std::vector<Row>> rows_by_study;
    for (Row& row : read_ndjson(folder, resource.name)) {
      // Users and the like carry no key; they belong to the folder's only study.
      const std::string key = study_of(row);
      rows_by_study[key.empty() ? found.begin()->first : key].push_back(std::move(row));
    }
    for (auto& [study_key, tables] : found) {
      tables[std::string(resource.name)] = std::make_shared<StoredTable>(resource, std::move(rows_by_study[study_key]));
    }
  }
  for (auto& [study_key, tables] : found) {
    insert_study(study_key, std::move(tables));
  }
}

void StudyStore::insert_study(const std::string& study_key, Tables tables) {
  if (!tables_by_study_.emplace(study_key, std::move(tables)).second) {
    throw std::runtime_error("cannot load study " + study_key + ": it is there already");
  }
  load_order_.push_back(study_key);
}

void StudyStore::add_alias(const std::string& alias, const std::string& study_key) {
  if (!has_study(study_key) || has_study(alias)) {
    return;
  }
  Tables tables;
  for (const auto& [name, table] : tables_by_study_.at(study_key)) {
    tables[name] = std::make_shared<StoredTable>(table->resource(), with_study_key(stored(*table, study_key).rows(), alias));
  }
  insert_study(alias, std::move(tables));
  rebuild_study_list();
}

void StudyStore::add_synthetic(const SyntheticStudy& synthetic) {
  if (load_order_.empty()) {
    throw std::runtime_error("a synthetic study needs a loaded one to start from");
  }
  const std::string& base = load_order_.front();
  Tables tables;
  for (const auto& [name, table] : tables_by_study_.at(base)) {
    if (name == "records") {
      auto base_records = std::dynamic_pointer_cast<const StoredTable>(table);
      tables[name] = std::make_shared<SyntheticTable>(std::move(base_records), synthetic.study_key, synthetic.records);
    } else if (table->resource().find("recordId")) {
      tables[name] = std::make_shared<StoredTable>(table->resource(), std::vector<Row>());  // its records are not there
    } else {
      tables[name] = std::make_shared<StoredTable>(table->resource(), with_study_key(stored(*table, base).rows(), synthetic.study_key));
    }
  }
  insert_study(synthetic.study_key, std::move(tables));
  rebuild_study_list();
}

void StudyStore::rebuild_study_list() {
  std::vector<Row> rows;
  for (const auto& [study_key, tables] : tables_by_study_) {
    const auto& own = stored(*tables.at("studies"), study_key).rows();
    rows.insert(rows.end(), own.begin(), own.end());
  }
  studies_ = std::make_shared<StoredTable>(resource_named("studies"), std::move(rows));
}

bool StudyStore::has_study(const std::string& study_key) const { return tables_by_study_.count(study_key) != 0; }

std::shared_ptr<const Table> StudyStore::studies() const { return studies_; }

std::shared_ptr<const Table> StudyStore::table(const std::string& study_key, const Resource& resource) const {
  const std::scoped_lock lock(mutex_);
  return tables_by_study_.at(study_key).find(resource.name)->second;
}

void StudyStore::change_records(const std::string& study_key, const RecordChange& change) {
  if (!has_study(study_key)) {
    throw std::invalid_argument("there is no study " + study_key);
  }
  // Changes follow one another; readers wait only while the new table takes the place of the old one.
  const std::scoped_lock one_at_a_time(change_mutex_);
  const auto before = table(study_key, resource_named("records"));
  replace_table(study_key, "records", std::make_shared<StoredTable>(before->resource(), changed_rows(stored(*before, study_key), change)));
}

void StudyStore::put_rows(const ChangeLock&, const std::string& study_key, std::string_view resource, std::vector<std::string> texts) {
  const auto before = table(study_key, resource_named(resource));
  const StoredTable& rows_before = stored(*before, study_key);
  std::vector<Row> rows = rows_before.rows();
  for (std::string& text : texts) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    const Row row{*owner, owner};
    const std::int64_t id = integer_id(row.text, before->resource().id);
    const std::size_t rank = rows_before.lower_rank(id);
    if (rank < rows_before.size() && rows_before.id(rank) == id) {
      rows[rank] = row;
    } else {
      rows.push_back(row);
    }
  }
  replace_table(study_key, resource, std::make_shared<StoredTable>(before->resource(), std::move(rows)));
}

void StudyStore::replace_table(const std::string& study_key, std::string_view resource, std::shared_ptr<const Table> table) {
  const std::scoped_lock lock(mutex_);
  tables_by_study_.at(study_key).find(resource)->second = std::move(table);
}

}  // namespace imednet::sandbox::edc
