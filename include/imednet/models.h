// models.h: what the iMednet API returns, as values.
//
// Shape:  one struct a resource, fields in the API's order. std::nullopt: absent, null, or for an id or a flag ""; "" stays "" in a text.
//         presence() tells these apart. Every field that the API documents is here; what it sends besides stays in `raw`: extra_fields().
// Units:  ids are 64-bit integers; stamps are kept as the API wrote them ("YYYY-MM-DD HH:MM:SS", UTC): utc_of() reads them.
// Source: iMednet REST API v1, resources (docs/api.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace imednet {

using OptionalId = std::optional<std::int64_t>;   // an id or another whole number
using OptionalText = std::optional<std::string>;  // a text
using OptionalFlag = std::optional<bool>;         // a flag

// A time of the API, in UTC.
using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;

// The time that a stamp says: "2026-01-31 12:00:00", "2026-01-31T12:00:00.5Z", one with an offset, or an array of 3 to 7 numbers as roles
// of users have it, "[2026,1,31,12,0]" (year, month, day, hour, minute, second, nanosecond). nullopt: it is none of these.
std::optional<UtcTime> utc_of(const OptionalText& stamp);

// How a field came.
enum class Presence {
  absent,  // it did not
  null,    // as null
  empty,   // as "", or as an array or object without elements
  value,   // as anything else
};

// How `field`, by its name on the wire, came in an element; `raw`: the element's own. Throws ApiError (decode) where that is no JSON
// object.
Presence presence(std::string_view raw, std::string_view field);

// The fields of those names in one pass: a text without its quotes, anything else as its JSON text; nullopt: absent or null.
std::vector<OptionalText> field_texts(std::string_view raw, const std::vector<std::string>& names);

// A field by its name on the wire, and its value's exact JSON text.
using RawField = std::pair<std::string, std::string>;

// The fields of those names that the element has, in the order of the names.
std::vector<RawField> raw_fields(std::string_view raw, const std::vector<std::string>& names);

// A keyword that marks a subject or a record.
struct Keyword {
  OptionalText keyword_name, keyword_key;  // as people and as filters write it
  OptionalId keyword_id;                   // the API's own number
  OptionalText date_added;                 // stamp as sent
};

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
  OptionalFlag embedded_log, enforce_ownership, user_agreement, subject_record_report, unscheduled_visit, other_forms, epro_form,
      allow_copy;                            // settings of the form designer
  OptionalFlag disabled;                     // no longer offered for entry
  OptionalText date_created, date_modified;  // stamps as sent
  std::string raw;                           // the whole element as sent
};

// A form that belongs to an interval.
struct IntervalForm {
  OptionalId form_id;                // its form
  OptionalText form_key, form_name;  // key and name of that form
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
  OptionalText timeline;                             // for example "Due Date"
  OptionalText defined_using_interval, window_calculation_form, window_calculation_date, actual_date_form,
      actual_date;                                               // where dates come from: names of forms and variables
  OptionalId due_date_will_be_in;                                // days
  OptionalId negative_slack, positive_slack, epro_grace_period;  // days
  std::vector<IntervalForm> forms;                               // entered at this interval
  std::string raw;                                               // the whole element as sent
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
  std::vector<Keyword> keywords;                                    // that mark it
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

// One revision of one record: who changed it, when and why; no values.
struct RecordRevision {
  OptionalText study_key;                      // its study
  OptionalId record_revision_id;               // unique within the study
  OptionalId record_id;                        // its record
  OptionalText record_oid;                     // key of that record
  OptionalId record_revision, data_revision;   // counted up with each change; of the values alone
  OptionalText record_status;                  // afterwards
  OptionalId subject_id;                       // subject of the record
  OptionalText subject_oid, subject_key;       // keys of that subject
  OptionalId site_id;                          // its site
  OptionalText form_key;                       // form of the record
  OptionalId interval_id;                      // interval of the record
  OptionalText role, user, reason_for_change;  // who; user: the login
  OptionalFlag deleted;                        // soft delete
  OptionalText date_created;                   // stamp as sent
  std::string raw;                             // the whole element as sent
};

// One comment of a query.
struct QueryComment {
  OptionalId sequence;                            // place in the thread; the highest is the newest
  OptionalText annotation_status, user, comment;  // text as people wrote it
  OptionalFlag closed;                            // the query is closed by it
  OptionalText date;                              // stamp as sent
};

// A query (annotation): what somebody asked about a subject, a record or an answer.
struct Query {
  OptionalText study_key;                     // its study
  OptionalId subject_id;                      // its subject
  OptionalText subject_oid, annotation_type;  // annotation_type: as the study calls it
  OptionalId annotation_id;                   // unique within the study
  OptionalText type, description;             // type: subject, record, question
  OptionalId record_id;                       // its record, if any
  OptionalText variable;                      // its variable, if any
  OptionalText subject_key;                   // key of the subject
  OptionalText date_created, date_modified;   // stamps as sent
  std::vector<QueryComment> query_comments;   // the thread
  std::string raw;                            // the whole element as sent

  // Whether its newest comment leaves it open; nullopt: it has none, or that one does not say.
  OptionalFlag is_open() const;
};

// One answer that was coded by a dictionary.
struct Coding {
  OptionalText study_key, site_name;                                         // its study; name of the site
  OptionalId site_id, subject_id;                                            // of its site and subject
  OptionalText subject_key;                                                  // key of that subject
  OptionalId form_id;                                                        // its form
  OptionalText form_name, form_key;                                          // name and key of that form
  OptionalId revision, record_id;                                            // its record
  OptionalText variable, value;                                              // the answer
  OptionalText coding_id;                                                    // a number or a text, as the tenant has it
  OptionalText code, coded_by, reason, dictionary_name, dictionary_version;  // what it was coded as, by whom, in which dictionary
  OptionalText date_coded;                                                   // stamp as sent
  std::string raw;                                                           // the whole element as sent
};

// A role of a user in a study.
struct Role {
  OptionalText date_created, date_modified;  // the JSON array exactly as sent, or a text; utc_of() reads both
  OptionalText role_id;                      // a UUID
  OptionalId community_id;                   // the API's own number
  OptionalText name, description;            // as people call it
  OptionalId level;                          // its rank
  OptionalText type;                         // as sent
  OptionalFlag inactive;                     // no longer in force
};

// A user who may see a study.
struct User {
  OptionalText user_id, login, first_name, last_name, email;  // user_id: a UUID
  OptionalFlag user_active_in_study;                          // false: only listed with include_inactive
  std::vector<Role> roles;                                    // in this study
  std::string raw;                                            // the whole element as sent
};

// What became of records that were sent.
struct Job {
  OptionalText job_id, batch_id, state;                    // state: as sent, in any case
  OptionalText date_created, date_started, date_finished;  // stamps as sent
  OptionalId progress;                                     // percent, where the tenant sends it
  OptionalText result_url;                                 // where the tenant sends it
  std::string raw;                                         // the whole answer as sent

  // Nothing more will happen: completed, success, failed or cancelled, in any case; or no state and no batch, when all was done at once.
  bool is_terminal() const;
  // It ended, and not well.
  bool has_failed() const;
};

// Of every model above that has `raw`: fields that an element has and its model has not, in the order of the element.
template <class Model>
std::vector<RawField> extra_fields(const Model& element);
// The names on the wire of all fields that the model has, in the API's order.
template <class Model>
std::vector<std::string_view> field_names();

}  // namespace imednet
