// record_checks.h: records looked through before they are sent, by what a study's metadata says of its forms and variables.
//
//   const imednet::RecordChecker checker(sdk.forms().collect("MY_STUDY"), sdk.variables().collect("MY_STUDY"));
//   for (const imednet::RecordFinding& finding : checker.check(records)) …
//
// Rule:   a name is right as the metadata spells it, its case included. An answer must be of the variable's type; a type that is not known
//         takes every answer, and null and the empty text, which say that there is none, are taken by all. What metadata does not say is
//         not checked: choices, lengths, ranges, required answers, whether subject, site and interval are there.
// Errors: none; findings never hold an answer.
// Source: iMednet REST API v1, POST records (docs/api.md); docs/records-create.md.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "imednet/models.h"
#include "imednet/record_input.h"

namespace imednet {

// What the API does with a record, which follows from what the record names.
enum class Operation {
  register_subject,         // form and site: a subject that is not there yet
  update_scheduled_record,  // form, subject and interval
  new_record,               // form and subject: one more record, of no interval
  update_record,            // a record that is there, by id or OID
};

// nullopt: what it names is not enough for any.
std::optional<Operation> operation_of(const RecordInput& record);

// What is wrong with one record.
struct RecordFinding {
  std::size_t place = 0;   // of the record among those given, from 0
  std::string variable{};  // whose answer it is about, as the record spells it; empty: the record itself
  std::string what{};      // in words, for example "the answer is no number"
  std::string hint{};      // what to do about it; may be empty

  bool operator==(const RecordFinding&) const = default;
};

// A study's forms and variables, as far as records are checked by them. May be used by many threads at the same time.
class RecordChecker {
 public:
  // `forms` may be empty: then the forms are those that the variables name.
  RecordChecker(std::span<const Form> forms, std::span<const Variable> variables);
  // All that is wrong, in the order of the records; empty: nothing is.
  std::vector<RecordFinding> check(std::span<const RecordInput> records) const;

 private:
  struct Metadata;
  std::shared_ptr<const Metadata> metadata_;
};

}  // namespace imednet
