// subject_text.h: what is known about one subject, for one screen and as JSON.
//
// Promise: no answer of a record is in it; what is in a cell can't speak to the terminal (display_text.h).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "imednet/models.h"

namespace imednet::cli {

struct SubjectFile {
  Subject subject{};
  std::size_t namesakes = 0;    // other subjects of that key
  std::vector<Form> forms{};    // of the study: names, and the order of records
  std::vector<Visit> visits{};  // from here on: of the subject
  std::vector<Record> records{};
  std::vector<Query> queries{};
};

// `width`: of the terminal; 0: there is none.
std::string subject_text(const SubjectFile& file, std::size_t width, bool has_colour);

// One object: subject, visits, records without recordData, queries; elements as the API sent them, each on a line.
std::string subject_json(const SubjectFile& file);

}  // namespace imednet::cli
