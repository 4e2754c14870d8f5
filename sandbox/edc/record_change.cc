#include "sandbox/edc/record_change.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostCopies = 100'000;

RecordChange::Kind parse_kind(const std::string& name) {
  if (name == "add") return RecordChange::Kind::kAdd;
  if (name == "update") return RecordChange::Kind::kUpdate;
  if (name == "delete") return RecordChange::Kind::kDelete;
  if (name == "vanish") return RecordChange::Kind::kVanish;
  throw std::invalid_argument("change.kind is add, update, delete or vanish, not " + name);
}

Row owned_row(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  return {*owner, owner};
}

std::size_t rank_of(const StoredTable& records, const RecordChange& change) {
  if (records.size() == 0) {
    throw std::invalid_argument("the study has no records");
  }
  if (!change.record_id) {
    return records.size() - 1;
  }
  const std::size_t rank = records.lower_rank(*change.record_id);
  if (rank == records.size() || records.id(rank) != *change.record_id) {
    throw std::invalid_argument("there is no record " + std::to_string(*change.record_id));
  }
  return rank;
}

Json editable(std::string_view text) {
  Json record = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!record.is_object()) {
    throw std::invalid_argument("the record is too odd to be edited; vanish it and add another");
  }
  return record;
}

std::string edited(std::string_view text, const Json& set, const Json& data) {
  Json record = editable(text);
  record["dateModified"] = now_stamp();
  for (const auto& [name, value] : set.items()) {
    record[name] = value;
  }
  for (const auto& [name, value] : data.items()) {
    record["recordData"][name] = value;
  }
  return record.dump();
}

void add_text(std::vector<Row>& rows, const StoredTable& records, const std::string& text) {
  if (text.front() != '{' || text.back() != '}') {
    throw std::invalid_argument("a record is a JSON object");
  }
  const std::int64_t id = integer_id(text, records.resource().id);
  const std::size_t rank = records.lower_rank(id);
  if (rank < records.size() && records.id(rank) == id && id != std::numeric_limits<std::int64_t>::max()) {
    rows[rank] = owned_row(text);
  } else {
    rows.push_back(owned_row(text));
  }
}

void add_copies(std::vector<Row>& rows, const StoredTable& records, const RecordChange& change) {
  const std::size_t rank = rank_of(records, change);
  Json record = editable(records.text(rank));
  const std::int64_t last_id = records.id(records.size() - 1);
  for (std::size_t i = 1; i <= change.count; ++i) {
    record["recordId"] = last_id + static_cast<std::int64_t>(i);
    record["recordOid"] = "REC-ADDED-" + std::to_string(last_id + static_cast<std::int64_t>(i));
    record["dateCreated"] = now_stamp();
    rows.push_back(owned_row(edited(record.dump(), change.set, change.data)));
  }
}

void check_names(const Json& description) {
  static const std::vector<std::string> kNames{"kind", "study", "record_id", "count", "record", "raw", "set", "data"};
  for (const auto& [name, value] : description.items()) {
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
      throw std::invalid_argument("change has no member " + name);
    }
  }
}

}  // namespace

RecordChange parse_record_change(const Json& description) {
  check_names(description);
  RecordChange change;
  change.kind = parse_kind(description.at("kind").get<std::string>());
  if (description.contains("record_id")) {
    change.record_id = description.at("record_id").get<std::int64_t>();
  }
  change.count = description.value("count", std::size_t{1});
  if (change.count > kMostCopies) {
    throw std::invalid_argument("change.count is at most " + std::to_string(kMostCopies));
  }
  change.text = description.contains("record") ? description.at("record").dump() : description.value("raw", std::string());
  change.set = description.value("set", Json::object());
  change.data = description.value("data", Json::object());
  return change;
}

std::vector<Row> changed_rows(const StoredTable& records, const RecordChange& change) {
  std::vector<Row> rows = records.rows();
  if (change.kind == RecordChange::Kind::kAdd) {
    if (change.text.empty()) {
      add_copies(rows, records, change);
    } else {
      add_text(rows, records, change.text);
    }
    return rows;
  }
  const std::size_t rank = rank_of(records, change);
  if (change.kind == RecordChange::Kind::kVanish) {
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(rank));
    return rows;
  }
  Json set = change.set;
  if (change.kind == RecordChange::Kind::kDelete) {
    set["deleted"] = true;
  }
  rows[rank] = owned_row(edited(rows[rank].text, set, change.data));
  return rows;
}

}  // namespace imednet::sandbox::edc
