#include "api/study_extent.h"

#include <fmt/format.h>

#include "api/record_questions.h"

namespace imednet::api {

StudyExtent study_extent(Client& client, const std::string& study) {
  const Page page = RecordQuestions(client, study).highest();
  return {.records = page.total_elements, .highest_id = only_id(page).value_or(0), .timestamp = page.timestamp};
}

// One question: a count made of two would not be of one moment.
std::int64_t records_up_to(Client& client, const std::string& study, std::int64_t record_id, bool honours_filters) {
  const ListOptions options{.filter = honours_filters ? fmt::format("recordId<={}", record_id) : ""};
  return RecordQuestions(client, study, options).count_above(std::nullopt);
}

}  // namespace imednet::api
