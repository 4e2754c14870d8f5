#pragma once

#include <cstddef>

#include "sandbox/edc/query_string.h"
#include "sandbox/edc/selection.h"

namespace imednet::sandbox::edc {

inline constexpr std::size_t kDefaultPageSize = 25;
inline constexpr std::size_t kLargestPageSize = 500;

// The parameters of a list endpoint, checked.
struct ListRequest {
  std::size_t page = 0;
  std::size_t size = kDefaultPageSize;
  ListQuery query;
};

// Throws RequestError (400, code 1000) naming the parameter and its value. What the API does above the largest size is not known;
// here it is refused, so that no client comes to depend on it.
ListRequest parse_list_request(const QueryString& parameters, const Resource& resource);

}  // namespace imednet::sandbox::edc
