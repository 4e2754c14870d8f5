#include "sandbox/edc/list_answer.h"

#include <algorithm>

#include "sandbox/edc/envelope.h"

namespace imednet::sandbox::edc {
namespace {

struct Slice {
  std::size_t first;
  std::size_t last;  // past the end
};

Slice page_slice(const ListRequest& request, std::size_t rows) {
  const std::size_t first = std::min(request.page * request.size, rows);
  return {first, std::min(first + request.size, rows)};
}

PageFacts page_facts(const ListRequest& request, std::size_t rows, const ListFaults& faults) {
  if (faults.endless_pages) {
    return {request.page + 2, std::max(rows, (request.page + 2) * request.size)};
  }
  const auto total = static_cast<std::size_t>(std::max<std::int64_t>(0, static_cast<std::int64_t>(rows) + faults.wrong_total));
  return {(total + request.size - 1) / request.size, total};
}

void append_rows(const Table& table, const Selection& selection, Slice slice, bool reversed, std::string& body) {
  for (std::size_t place = slice.first; place < slice.last; ++place) {
    if (place != slice.first) {
      body += ',';
    }
    table.append_row(selection.rank_at(reversed ? selection.size() - 1 - place : place), body);
  }
}

}  // namespace

std::string list_answer(const Table& table, ListRequest request, std::string_view path, const ListFaults& faults) {
  if (faults.ignore_filter) {
    request.query.filter = {};
    request.query.data_filter = {};
  }
  auto selection = select_rows(table, request.query);
  const PageFacts facts = page_facts(request, selection->size(), faults);
  Slice slice = page_slice(request, selection->size());
  if (faults.endless_pages && slice.first == slice.last) {
    selection = select_rows(table, {{}, {}, request.query.sort});
    slice = {0, std::min(request.size, selection->size())};
  }
  std::string body = list_head(path, request, table.resource(), facts, faults.clock_offset);
  append_rows(table, *selection, slice, faults.ignore_sort, body);
  body += kListTail;
  return body;
}

}  // namespace imednet::sandbox::edc
