// models.h: what the iMednet API returns, as values.
//
// Shape:  one struct a resource, fields in the API's order. std::nullopt: absent or null on the wire; "" stays "".
// Units:  ids are 64-bit integers; stamps are kept as the API wrote them ("YYYY-MM-DD HH:MM:SS", UTC).
// Source: iMednet REST API v1, resources (docs/api.md). Fields unknown to this page stay in `raw`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imednet {

using OptionalId = std::optional<std::int64_t>;
using OptionalText = std::optional<std::string>;
using OptionalFlag = std::optional<bool>;

struct Study {
  OptionalText sponsor_key, study_key;
  OptionalId study_id;
  OptionalText study_name, study_description, study_type, date_created, date_modified;
  std::string raw;  // the whole element as sent
};

struct Site {
  OptionalText study_key;
  OptionalId site_id;
  OptionalText site_name, site_enrollment_status, date_created, date_modified;
  std::string raw;
};

struct Form {
  OptionalText study_key;
  OptionalId form_id;
  OptionalText form_key, form_name, form_type;
  OptionalId revision;
  OptionalFlag disabled;
  OptionalText date_created, date_modified;
  std::string raw;
};

struct Interval {
  OptionalText study_key;
  OptionalId interval_id;
  OptionalText interval_name, interval_description;
  OptionalId interval_sequence, interval_group_id;
  OptionalText interval_group_name;
  OptionalFlag disabled;
  OptionalText date_created, date_modified;
  std::string raw;
};

struct Variable {
  OptionalText study_key;
  OptionalId variable_id;
  OptionalText variable_type, variable_name;
  OptionalId sequence, revision;
  OptionalFlag disabled, deleted;
  OptionalId form_id;
  OptionalText variable_oid, form_key, form_name, label;
  OptionalFlag blinded;
  OptionalText date_created, date_modified;
  std::string raw;
};

struct Subject {
  OptionalText study_key;
  OptionalId subject_id;
  OptionalText subject_oid, subject_key, subject_status;
  OptionalId site_id;
  OptionalText site_name;
  OptionalFlag deleted;
  OptionalText enrollment_start_date, date_created, date_modified;
  std::string raw;
};

struct Visit {
  OptionalId visit_id;
  OptionalText study_key;
  OptionalId interval_id;
  OptionalText interval_name;
  OptionalId subject_id;
  OptionalText subject_key, start_date, end_date, due_date, visit_date, visit_date_form, visit_date_question;
  OptionalFlag deleted;
  OptionalText date_created, date_modified;
  std::string raw;
};

// One record of one form. `record_id` is unique within a study and always there: a record without it is an ApiError.
struct Record {
  OptionalText study_key;
  OptionalId interval_id, form_id;
  OptionalText form_key;
  OptionalId site_id;
  std::int64_t record_id = 0;
  OptionalText record_oid, record_type, record_status;
  OptionalFlag deleted;  // soft delete; such records are returned
  OptionalText date_created, date_modified;
  OptionalId subject_id;
  OptionalText subject_oid, subject_key;
  OptionalId visit_id, parent_record_id;
  OptionalText keywords;     // the JSON array exactly as sent
  OptionalText record_data;  // the JSON object exactly as sent: variable name -> value
  std::string raw;           // the whole element as sent

  // The value of one variable as text: strings without their quotes, anything else as its JSON text; nullopt when the
  // variable is absent or null. The name is matched exactly as sent. Throws ApiError (decode) on malformed JSON.
  OptionalText value(std::string_view variable_name) const;
};

}  // namespace imednet
