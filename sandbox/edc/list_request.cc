#include "sandbox/edc/list_request.h"

#include <algorithm>
#include <charconv>

#include "sandbox/edc/request_error.h"

namespace imednet::sandbox::edc {
namespace {

constexpr std::size_t kHighestPage = 1'000'000'000;

std::size_t parse_number(const QueryString& parameters, const std::string& name, std::size_t fallback, std::size_t lowest,
                         std::size_t highest) {
  const auto text = parameters.first(name);
  if (!text) {
    return fallback;
  }
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < lowest || number > highest) {
    throw bad_value(name, *text, name + " is a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return number;
}

SortKey parse_sort_key(const std::string& text, const Resource& resource) {
  const std::size_t comma = std::min(text.find(','), text.size());
  const auto attribute = resource.find(std::string_view(text).substr(0, comma));
  if (!attribute || resource.attributes[*attribute].kind == AttributeKind::kNested || resource.attributes[*attribute].is_within_list()) {
    throw bad_value("sort", text, "unknown property to sort by");
  }
  const std::string direction = comma < text.size() ? folded(std::string_view(text).substr(comma + 1)) : "asc";
  if (direction != "asc" && direction != "desc") {
    throw bad_value("sort", text, "direction is asc or desc");
  }
  return {*attribute, direction == "desc"};
}

std::vector<SortKey> parse_sort(const QueryString& parameters, const Resource& resource) {
  std::vector<SortKey> keys;
  for (const std::string& text : parameters.all("sort")) {
    keys.push_back(parse_sort_key(text, resource));
  }
  if (keys.empty()) {
    for (const std::string_view property : resource.default_sort) {
      keys.push_back({resource.find(property).value(), false});
    }
  }
  return keys;
}

Filter parse_filter_parameter(const QueryString& parameters, FilterDialect dialect, bool taken) {
  const auto text = parameters.first(parameter_name(dialect));
  if (!text) {
    return {};
  }
  if (!taken) {
    throw bad_value(parameter_name(dialect), *text, "this endpoint does not take the parameter");
  }
  return parse_filter(*text, dialect);
}

// Users who are no longer active are listed only on request.
void apply_include_inactive(const QueryString& parameters, ListRequest& request) {
  const std::string text = parameters.first("includeInactive").value_or("false");
  if (text != "true" && text != "false") {
    throw bad_value("includeInactive", text, "includeInactive is true or false");
  }
  if (text == "false") {
    request.query.filter = {{{{"userActiveInStudy", Comparison::kNotEqual, "false"}}}, "userActiveInStudy!=false"};
  }
}

}  // namespace

ListRequest parse_list_request(const QueryString& parameters, const Resource& resource) {
  ListRequest request;
  request.page = parse_number(parameters, "page", 0, 0, kHighestPage);
  request.size = parse_number(parameters, "size", kDefaultPageSize, 1, kLargestPageSize);
  request.query.sort = parse_sort(parameters, resource);
  request.query.filter = parse_filter_parameter(parameters, FilterDialect::kAttributes, resource.takes_filter);
  request.query.data_filter = parse_filter_parameter(parameters, FilterDialect::kRecordData, resource.name == "records");
  if (resource.name == "users") {
    apply_include_inactive(parameters, request);
  }
  return request;
}

}  // namespace imednet::sandbox::edc
