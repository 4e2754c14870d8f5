#include "api/record_questions.h"

#include <fmt/format.h>

#include "api/record_cursor.h"

namespace imednet::api {
namespace {

using errors::ErrorCode;
using errors::RetryClass;

constexpr int kHighestAsked = 10;  // times; each answer has to be overtaken by a new record

// Asks for what lies above the highest id, until that is nothing. Records there were made since the highest was asked for, or it
// was not the highest: what is above it counts as made later and is not read, so neither is taken on trust.
bool is_filter_honoured(const RecordQuestions& questions, StudyStart& start) {
  for (int asked = 0; asked < kHighestAsked; ++asked) {
    const Page above = questions.page_above(start.highest_id, 1);
    start.bytes += static_cast<std::int64_t>(above.body.size());
    const auto id = only_id(above);
    if (!id) return above.total_elements == 0;
    if (*id <= *start.highest_id) return false;
    const Page highest = questions.highest();
    start.bytes += static_cast<std::int64_t>(highest.body.size());
    start.records = highest.total_elements;
    const auto newer = only_id(highest);
    if (!newer || *newer <= *start.highest_id) throw_protocol("the API ignores the sort");
    start.highest_id = *newer;
  }
  throw_counts_differ(fmt::format("cannot read study {}: whatever is its highest record, there is one above it, {} times",
                                  questions.study(), kHighestAsked));
}

}  // namespace

void throw_protocol(const std::string& cause) {
  throw errors::ApiError(fmt::format("cannot read from iMednet: {}", cause), {.code = ErrorCode::protocol,
                                                                              .hint = "report it to iMednet support; nothing was loaded",
                                                                              .origin = {.system = "imednet", .http_status = 200}});
}

void throw_counts_differ(const std::string& cause) {
  throw errors::ApiError(cause, {.code = ErrorCode::counts_differ,
                                 .hint = "run again when the study is at rest",
                                 .retry = RetryClass::backoff,
                                 .origin = {.system = "imednet"}});
}

RecordQuestions::RecordQuestions(Client& client, std::string study, ListOptions options, CallLimits limits)
    : client_(client), study_(std::move(study)), options_(std::move(options)), limits_(std::move(limits)) {}

Page RecordQuestions::page_above(std::optional<std::int64_t> id, int size) const { return ask("recordId,asc", 0, size, id); }

Page RecordQuestions::ask(std::string_view sort, std::int64_t number, int size, std::optional<std::int64_t> above) const {
  std::string filter = options_.filter;
  if (above) filter += fmt::format("{}recordId>{}", filter.empty() ? "" : ";", *above);
  Parameters query = {{"page", std::to_string(number)}, {"size", std::to_string(size)}, {"sort", std::string(sort)}};
  if (!filter.empty()) query.emplace_back("filter", filter);
  if (!options_.record_data_filter.empty()) query.emplace_back("recordDataFilter", options_.record_data_filter);
  Page page = client_.get_page(fmt::format("/studies/{}/records", encode(study_)), query, limits_);
  if (page.total_elements < 0) throw_protocol("the page does not say how many records there are");
  return page;
}

std::optional<std::int64_t> only_id(const Page& page) {
  RecordCursor cursor;
  cursor.open(page);
  const RecordView* record = cursor.next();
  return record == nullptr ? std::nullopt : std::optional(record->record_id);
}

StudyStart start_study(const RecordQuestions& questions) {
  const Page highest = questions.highest();
  StudyStart start{.records = highest.total_elements,
                   .highest_id = only_id(highest),
                   .timestamp = highest.timestamp,
                   .bytes = static_cast<std::int64_t>(highest.body.size())};
  if (!start.highest_id && start.records > 0) throw_protocol("the API says that there are records and shows none");
  if (start.highest_id) start.is_keyset = questions.can_add_to_filter() && is_filter_honoured(questions, start);
  return start;
}

}  // namespace imednet::api
