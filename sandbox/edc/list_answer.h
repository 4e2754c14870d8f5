#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "sandbox/edc/list_request.h"

namespace imednet::sandbox::edc {

// What an order makes a list endpoint get wrong.
struct ListFaults {
  bool ignore_filter = false;
  bool ignore_sort = false;    // rows come in the opposite order
  bool endless_pages = false;  // there is always a further page, and after the last row the first ones come again
  std::int64_t wrong_total = 0;
  std::chrono::seconds clock_offset{0};  // of metadata.timestamp
};

std::string list_answer(const Table& table, ListRequest request, std::string_view path, const ListFaults& faults);

}  // namespace imednet::sandbox::edc
