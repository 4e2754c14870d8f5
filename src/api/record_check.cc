#include "api/record_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/record_cursor.h"
#include "api/record_reader.h"

namespace imednet::api {
namespace {

struct Range {
  std::vector<std::int64_t> ids;  // rising
  bool is_whole = false;          // nothing lies behind the last one
  bool is_honoured = true;        // false: the filter or the sort was ignored
};

Range fetch_above(Client& client, const std::string& study, std::int64_t above) {
  const std::string path = fmt::format("/studies/{}/records", encode(study));
  for (int size = kPageSize;; size = (size + 1) / 2) {
    try {
      const Page page = client.get_page(
          path, {{"page", "0"}, {"size", std::to_string(size)}, {"sort", "recordId,asc"}, {"filter", fmt::format("recordId>{}", above)}});
      Range range;
      RecordCursor cursor;
      cursor.open(page);
      while (const RecordView* record = cursor.next()) {
        if (record->record_id <= (range.ids.empty() ? above : range.ids.back())) range.is_honoured = false;
        range.ids.push_back(record->record_id);
      }
      range.is_whole = page.total_elements >= 0 && page.total_elements <= static_cast<std::int64_t>(range.ids.size());
      if (range.ids.empty() && page.total_elements > 0) range.is_honoured = false;
      return range;
    } catch (const http::BodyTooLarge&) {
      if (size == 1) throw;
    }
  }
}

std::vector<std::int64_t> found_by_reading(Client& client, const std::string& study, std::span<const std::int64_t> ids) {
  std::vector<std::int64_t> there;
  RecordReader reader(client, study);
  while (const RecordView* record = reader.next()) {
    if (std::binary_search(ids.begin(), ids.end(), record->record_id)) there.push_back(record->record_id);
  }
  return there;
}

}  // namespace

std::vector<std::int64_t> records_still_there(Client& client, const std::string& study, std::span<const std::int64_t> ids) {
  std::vector<std::int64_t> there;
  for (std::size_t next = 0; next < ids.size();) {
    const Range range = fetch_above(client, study, ids[next] - 1);
    if (!range.is_honoured) return found_by_reading(client, study, ids);
    const bool is_whole = range.is_whole || range.ids.empty();
    for (; next < ids.size() && (is_whole || ids[next] <= range.ids.back()); ++next) {
      if (std::binary_search(range.ids.begin(), range.ids.end(), ids[next])) there.push_back(ids[next]);
    }
  }
  return there;
}

}  // namespace imednet::api
