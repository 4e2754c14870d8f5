#include "table/records_layout.h"

#include <array>

#include "table/outer_columns.h"

namespace imednet::table {
namespace {

using enum ColumnKind;

constexpr std::array<Column, kRecordsColumns> kColumns{{
    kStudyKeyColumn,
    {"interval_id", integer, true, "id of the interval (planned visit)"},
    {"form_id", integer, true, "id of the form"},
    {"form_key", text, true, "key of the form"},
    {"site_id", integer, true, "id of the site"},
    {"record_id", integer, false, "id of the record, unique within the study"},
    {"record_oid", text, true, "client-assigned id of the record"},
    {"record_type", text, true, "SUBJECT, SITE, ..."},
    {"record_status", text, true, "status of the record in the EDC"},
    {"deleted", boolean, true, "soft-deleted in the EDC"},
    {"date_created", timestamp, true, "when the record was made, UTC"},
    {"date_modified", timestamp, true, "when the record was last changed, UTC"},
    {"subject_id", integer, true, "id of the subject"},
    {"subject_oid", text, true, "client-assigned id of the subject"},
    {"subject_key", text, true, "key of the subject"},
    {"visit_id", integer, true, "id of the subject's visit"},
    {"parent_record_id", integer, true, "id of the record this one belongs to"},
    {"keywords", text, true, "keywords, the JSON text as sent"},
    {"record_data", json, true, "answers by variable name"},
    {"record_data_raw", json_raw, true, "answers as the exact JSON text, where record_data can't hold them unchanged"},
    kRowHashColumn,
}};

}  // namespace

std::span<const Column> records_columns() { return kColumns; }

const Layout& records_layout() {
  static constexpr Layout kLayout{kRecordsLayout, kRecordsLayoutVersion, kColumns, "record_id", false};
  return kLayout;
}

}  // namespace imednet::table
