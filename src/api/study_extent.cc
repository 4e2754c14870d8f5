#include "api/study_extent.h"

#include <fmt/format.h>

#include "api/record_cursor.h"

namespace imednet::api {
namespace {

Page ask(Client& client, const std::string& study, std::string_view sort, const std::string& filter = {}) {
  Query query = {{"page", "0"}, {"size", "1"}, {"sort", std::string(sort)}};
  if (!filter.empty()) query.emplace_back("filter", filter);
  Page page = client.get_page(fmt::format("/studies/{}/records", encode(study)), query);
  if (page.total_elements >= 0) return page;
  throw errors::ApiError("cannot read from iMednet: the page does not say how many records there are",
                         {.code = errors::ErrorCode::protocol,
                          .hint = "report it to iMednet support; nothing was loaded",
                          .origin = {.system = "imednet", .http_status = 200}});
}

}  // namespace

StudyExtent study_extent(Client& client, const std::string& study) {
  const Page page = ask(client, study, "recordId,desc");
  StudyExtent extent{.records = page.total_elements, .timestamp = page.timestamp};
  RecordCursor cursor;
  cursor.open(page);
  if (const RecordView* record = cursor.next()) extent.highest_id = record->record_id;
  return extent;
}

// One question: a count made of two would not be of one moment.
std::int64_t records_up_to(Client& client, const std::string& study, std::int64_t record_id, bool honours_filters) {
  return ask(client, study, "recordId,asc", honours_filters ? fmt::format("recordId<={}", record_id) : "").total_elements;
}

}  // namespace imednet::api
