// record_input.h: records on their way to the API.
//
//   const auto record = imednet::new_record("AE", "01-001", {{"AETERM", "Headache"}, {"AESER", false}});
//
// Shape:  which operation it is follows from what is named (API): form and site register a subject; form, subject and interval update a
//         scheduled record; form and subject make a new one. The three functions below name just that.
// Errors: ConfigurationError (invalid_argument) for what can't be sent, with the record's place among those given, before anything is sent.
// Source: iMednet REST API v1, POST records (docs/api.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "imednet/call_options.h"
#include "imednet/models.h"

namespace imednet {

// An answer as it is sent: null, a checkbox, a number, or a text (dates as YYYY-MM-DD).
using AnswerValue = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string>;
using Answers = std::map<std::string, AnswerValue, std::less<>>;  // by variable name, as the metadata spells it

// One record to be sent. Of each pair of names one is enough; none that is unset is sent.
struct RecordInput {
  OptionalText form_key{};       // its form, by key
  OptionalId form_id{};          // or by id
  OptionalText site_name{};      // its site, by name
  OptionalId site_id{};          // or by id
  OptionalText subject_key{};    // its subject, by key
  OptionalId subject_id{};       // or by id
  OptionalText subject_oid{};    // or by OID
  OptionalText interval_name{};  // its interval, by name
  OptionalId interval_id{};      // or by id
  OptionalId record_id{};        // a record that is there, by id
  OptionalText record_oid{};     // or by OID
  Answers data{};                // at least one

  bool operator==(const RecordInput&) const = default;
};

// A subject that is not there yet: the first record of form `form_key` at that site.
RecordInput register_subject(std::string form_key, std::string site_name, Answers data);
// The record of a subject at an interval.
RecordInput update_scheduled_record(std::string form_key, std::string subject_key, std::string interval_name, Answers data);
// One more record of a subject, of no interval.
RecordInput new_record(std::string form_key, std::string subject_key, Answers data);

// Records as the API's JSON has them: an array of objects, one object, or one object a line. Throws ConfigurationError (invalid_argument)
// with the place of what is no record: an unknown member, an answer that is an object or an array, a doubled key, no JSON.
std::vector<RecordInput> parse_records(std::string_view json);

// How records are sent.
struct CreateOptions {
  std::string email_notify{};  // an address that is told when the job ends
  CallOptions call{};          // of the request
};

}  // namespace imednet
