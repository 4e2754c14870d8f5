// row_hash.h: one row of the `records` layout as typed views, and its hash.
//
// The bytes that are hashed are a format (docs/formats/records-layout.md, "Row hash"): other languages compute them too.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"

namespace imednet::table {

using TextCell = std::optional<std::string_view>;
using IntegerCell = std::optional<std::int64_t>;
using BooleanCell = std::optional<bool>;
struct TimestampCell {
  std::optional<std::int64_t> micros;  // since 1970-01-01T00:00:00Z
};

// Views only; the owner of the bytes outlives the row.
struct RecordRow {
  TextCell study_key;
  IntegerCell interval_id, form_id;
  TextCell form_key;
  IntegerCell site_id, record_id;
  TextCell record_oid, record_type, record_status;
  BooleanCell deleted;
  TimestampCell date_created, date_modified;
  IntegerCell subject_id;
  TextCell subject_oid, subject_key;
  IntegerCell visit_id, parent_record_id;
  TextCell keywords, record_data, record_data_raw;
};

// Calls `visit` with each cell in the order of records_columns(): the one place that ties fields to columns.
template <typename Row, typename Visitor>
void for_each_cell(Row& row, Visitor&& visit) {
  visit(row.study_key);
  visit(row.interval_id);
  visit(row.form_id);
  visit(row.form_key);
  visit(row.site_id);
  visit(row.record_id);
  visit(row.record_oid);
  visit(row.record_type);
  visit(row.record_status);
  visit(row.deleted);
  visit(row.date_created);
  visit(row.date_modified);
  visit(row.subject_id);
  visit(row.subject_oid);
  visit(row.subject_key);
  visit(row.visit_id);
  visit(row.parent_record_id);
  visit(row.keywords);
  visit(row.record_data);
  visit(row.record_data_raw);
}

// Appends the canonical bytes of `row` to `out`.
void append_canonical_bytes(const RecordRow& row, std::string& out);

// Hashes row after row without allocating anew.
class RowHasher {
 public:
  // 32 lower-case hex digits: the first half of SHA-256 over the canonical bytes. Valid until the next call.
  std::string_view hash(const RecordRow& row);

 private:
  static constexpr std::size_t kBytes = 16;
  std::string bytes_;
  core::Sha256 digest_;
  std::array<char, 2 * kBytes> text_{};
};

}  // namespace imednet::table
