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

using OptionalId = std::optional<std::int64_t>;   // an id; nullopt: absent or null
using OptionalText = std::optional<std::string>;  // a text; nullopt: absent or null
using OptionalFlag = std::optional<bool>;         // a flag; nullopt: absent or null

// A study that these keys may see.
struct Study {
  OptionalText sponsor_key, study_key;                                                  // study_key is what list() and the command take
  OptionalId study_id;                                                                  // the API's own number
  OptionalText study_name, study_description, study_type, date_created, date_modified;  // texts and stamps as sent
  std::string raw;                                                                      // the whole element as sent
};

// A site of a study.
struct Site {
  OptionalText study_key;                                                       // its study
  OptionalId site_id;                                                           // unique within the study
  OptionalText site_name, site_enrollment_status, date_created, date_modified;  // texts and stamps as sent
  std::string raw;                                                              // the whole element as sent
};

// A form (case report form) of a study; one form_key may have several revisions.
struct Form {
  OptionalText study_key;                       // its study
  OptionalId form_id;                           // unique within the study
  OptionalText form_key, form_name, form_type;  // form_key: short, as in filters and tables
  OptionalId revision;                          // counted up when the form is changed
  OptionalFlag disabled;                        // no longer offered for entry
  OptionalText date_created, date_modified;     // stamps as sent
  std::string raw;                              // the whole element as sent
};

// An interval of a study: a planned visit.
struct Interval {
  OptionalText study_key;                            // its study
  OptionalId interval_id;                            // unique within the study
  OptionalText interval_name, interval_description;  // texts as sent
  OptionalId interval_sequence, interval_group_id;   // place in the order; group, if any
  OptionalText interval_group_name;                  // name of that group
  OptionalFlag disabled;                             // no longer offered for entry
  OptionalText date_created, date_modified;          // stamps as sent
  std::string raw;                                   // the whole element as sent
};

// A variable (question) of a form.
struct Variable {
  OptionalText study_key;                                 // its study
  OptionalId variable_id;                                 // unique within the study
  OptionalText variable_type, variable_name;              // variable_name is the key in record_data, whose case may differ
  OptionalId sequence, revision;                          // place on the form; counted up when changed
  OptionalFlag disabled, deleted;                         // no longer offered; soft delete
  OptionalId form_id;                                     // its form
  OptionalText variable_oid, form_key, form_name, label;  // label: the question as a person reads it
  OptionalFlag blinded;                                   // hidden from blinded roles
  OptionalText date_created, date_modified;               // stamps as sent
  std::string raw;                                        // the whole element as sent
};

// A subject of a study.
struct Subject {
  OptionalText study_key;                                           // its study
  OptionalId subject_id;                                            // unique within the study
  OptionalText subject_oid, subject_key, subject_status;            // subject_key: as people write it, for example 701-1015
  OptionalId site_id;                                               // its site
  OptionalText site_name;                                           // name of that site
  OptionalFlag deleted;                                             // soft delete; such subjects are returned
  OptionalText enrollment_start_date, date_created, date_modified;  // stamps as sent
  std::string raw;                                                  // the whole element as sent
};

// A visit of a subject: one interval, for one subject.
struct Visit {
  OptionalId visit_id;         // unique within the study
  OptionalText study_key;      // its study
  OptionalId interval_id;      // its interval
  OptionalText interval_name;  // name of that interval
  OptionalId subject_id;       // its subject
  OptionalText subject_key, start_date, end_date, due_date, visit_date, visit_date_form,
      visit_date_question;                   // visit_date_*: where the date was entered
  OptionalFlag deleted;                      // soft delete; such visits are returned
  OptionalText date_created, date_modified;  // stamps as sent
  std::string raw;                           // the whole element as sent
};

// One record of one form. `record_id` is unique within a study and always there: a record without it is an ApiError.
struct Record {
  OptionalText study_key;                               // its study
  OptionalId interval_id, form_id;                      // where it was entered: interval and form
  OptionalText form_key;                                // key of that form
  OptionalId site_id;                                   // its site
  std::int64_t record_id = 0;                           // unique within the study; always there
  OptionalText record_oid, record_type, record_status;  // record_type: for example SUBJECT
  OptionalFlag deleted;                                 // soft delete; such records are returned
  OptionalText date_created, date_modified;             // stamps as sent
  OptionalId subject_id;                                // its subject; absent for records of no subject
  OptionalText subject_oid, subject_key;                // keys of that subject
  OptionalId visit_id, parent_record_id;                // its visit; the record it hangs below, if any
  OptionalText keywords;                                // the JSON array exactly as sent
  OptionalText record_data;                             // the JSON object exactly as sent: variable name -> value
  std::string raw;                                      // the whole element as sent

  // The value of one variable as text: strings without their quotes, anything else as its JSON text; nullopt when the
  // variable is absent or null. The name is matched exactly as sent. Throws ApiError (decode) on malformed JSON.
  OptionalText value(std::string_view variable_name) const;
};

}  // namespace imednet
