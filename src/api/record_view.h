// record_view.h: one record of a page as views into the page, read by the SDK's models and by the export's columns alike.
//
// Where it stands: page bytes → RecordCursor → this → {Record, RecordsBuilder}.   Uses: the standard library only.
// Owner: every view points into the page (or the Record) it was made from and is valid until the cursor moves on.
// Shape: fields in the order of the `records` layout. nullopt: absent or null on the wire. Text is unescaped UTF-8;
//        `keywords` and `record_data` are the JSON text exactly as sent.
// Source: ADR 0013 (one decoder).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace imednet::api {

struct RecordView {
  using Text = std::optional<std::string_view>;
  using Id = std::optional<std::int64_t>;

  Text study_key;
  Id interval_id, form_id;
  Text form_key;
  Id site_id;
  std::int64_t record_id = 0;
  Text record_oid, record_type, record_status;
  std::optional<bool> deleted;
  Text date_created, date_modified;
  Id subject_id;
  Text subject_oid, subject_key;
  Id visit_id, parent_record_id;
  Text keywords, record_data;
  std::string_view raw;  // the whole element as sent
};

}  // namespace imednet::api
