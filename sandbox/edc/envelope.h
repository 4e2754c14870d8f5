#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "sandbox/edc/list_request.h"
#include "sandbox/edc/request_error.h"

namespace imednet::sandbox::edc {

struct PageFacts {
  std::size_t total_pages;
  std::size_t total_elements;
};

// What stands before and after the rows of a list answer.
std::string list_head(std::string_view path, const ListRequest& request, const Resource& resource, const PageFacts& facts,
                      std::chrono::seconds clock_offset = {});
inline constexpr std::string_view kListTail = "]}";

// `status` is written into the envelope; the HTTP status is the caller's.
std::string error_body(std::string_view path, int status, const RequestError& error);

}  // namespace imednet::sandbox::edc
