#include "sandbox/edc/envelope.h"

#include <fmt/format.h>

#include <chrono>

#include "sandbox/edc/json_scan.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

std::string_view status_name(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "BAD_REQUEST";
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 429:
      return "TOO_MANY_REQUESTS";
    case 502:
      return "BAD_GATEWAY";
    case 503:
      return "SERVICE_UNAVAILABLE";
    case 504:
      return "GATEWAY_TIMEOUT";
    default:
      return "INTERNAL_SERVER_ERROR";
  }
}

std::string sort_list(const ListRequest& request, const Resource& resource) {
  std::string list;
  for (const SortKey& key : request.query.sort) {
    list += fmt::format(R"({}{{"property":"{}","direction":"{}"}})", list.empty() ? "" : ",", resource.attributes[key.attribute].name,
                        key.descending ? "DESC" : "ASC");
  }
  return list;
}

}  // namespace

std::string list_head(std::string_view path, const ListRequest& request, const Resource& resource, const PageFacts& facts,
                      std::chrono::seconds clock_offset) {
  return fmt::format(R"({{"metadata":{{"status":"OK","method":"GET","path":{},"timestamp":"{}","error":{{}}}},)"
                     R"("pagination":{{"currentPage":{},"size":{},"totalPages":{},"totalElements":{},"sort":[{}]}},"data":[)",
                     quoted_json(path), now_stamp(clock_offset), request.page, request.size, facts.total_pages, facts.total_elements,
                     sort_list(request, resource));
}

std::string error_body(std::string_view path, int status, const RequestError& error) {
  std::string field;
  if (!error.attribute.empty()) {
    field = fmt::format(R"(,"field":{{"attribute":{},"value":{}}})", quoted_json(error.attribute), quoted_json(error.value));
  }
  // Like the vendor's example, an error has no method.
  return fmt::format(R"({{"metadata":{{"status":"{}","path":{},"timestamp":"{}","error":{{"code":"{}","description":{}{}}}}}}})",
                     status_name(status), quoted_json(path), now_stamp(), error.code, quoted_json(error.what()), field);
}

}  // namespace imednet::sandbox::edc
