#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/edc/stored_table.h"

namespace imednet::sandbox::edc {

// What happens to the records of a study while it is read.
struct RecordChange {
  enum class Kind {
    kAdd,     // `text` as it stands (taking the place of a record of the same id), or copies of the last record under new ids
    kUpdate,  // fields replaced, dateModified now unless among them
    kDelete,  // the soft delete: an update of `deleted`
    kVanish,  // the record is no longer served at all
  };

  Kind kind = Kind::kAdd;
  std::optional<std::int64_t> record_id;  // the last record when not given
  std::size_t count = 1;                  // of copies to add
  std::string text;
  nlohmann::ordered_json set = nlohmann::ordered_json::object();   // fields of the record
  nlohmann::ordered_json data = nlohmann::ordered_json::object();  // values in its recordData
};

// Reads {"kind": …, "record_id": …, "count": …, "record": {…} or "raw": "…", "set": {…}, "data": {…}}; `study` is the caller's.
// Throws std::invalid_argument for anything else.
RecordChange parse_record_change(const nlohmann::ordered_json& description);

// Throws std::invalid_argument when there is no such record or it cannot be edited.
std::vector<Row> changed_rows(const StoredTable& records, const RecordChange& change);

}  // namespace imednet::sandbox::edc
