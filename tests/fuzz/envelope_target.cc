// What stands around a page: an answer is a page with its data and totals as another reader sees them, or an error; never an empty page.
#include "api/envelope.h"

#include "fuzz/json_opinion.h"
#include "fuzz/target.h"

namespace imednet::fuzz {
namespace {

using namespace std::string_view_literals;

bool is_object_or_absent(const json& value, const char* name) { return !value.contains(name) || value[name].is_object(); }

bool is_total_or_absent(const json& pagination, const char* name) {
  if (!pagination.contains(name)) return true;
  const auto opinion = id_of(pagination[name]);
  return pagination[name].is_number_integer() && opinion.is_readable && *opinion.value >= 0;
}

json part_of(const json& envelope, const char* name) { return envelope.contains(name) ? envelope[name] : json::object(); }

// What the page's own rules ask for.
bool is_page(const json& value) {
  if (!value.is_object() || !value.contains("data") || !value["data"].is_array()) return false;
  if (!is_object_or_absent(value, "metadata") || !is_object_or_absent(value, "pagination")) return false;
  const json pagination = part_of(value, "pagination");
  return is_total_or_absent(pagination, "totalElements") && is_total_or_absent(pagination, "totalPages");
}

bool has_plain_error(const json& metadata) { return metadata.contains("error") && metadata["error"] != json::object(); }

void check_page(const api::Page& page, std::string_view input, const json& value) {
  require(page.body == input, "the body stays as it came");
  require(page.data_begin + page.data_size <= input.size(), "the data lies in the body");
  const std::string data = page.body.substr(page.data_begin, page.data_size);
  require(json::parse(data, nullptr, false) == value["data"], "the data is the answer's");
  const json pagination = part_of(value, "pagination");
  require(page.total_elements == pagination.value("totalElements", std::int64_t{-1}), "the total is the answer's, or said to be missing");
  require(page.total_pages == pagination.value("totalPages", std::int64_t{-1}), "the number of pages, too");
}

void run(std::string_view input) {
  const Document document = read_document(input);
  const std::string body(input);
  static_cast<void>(api::read_error(body));  // of any body, never an exception
  try {
    const api::Page page = api::read_envelope(body);
    require(page.data_size >= 2, "a page has its data");
    if (!document.is_settled()) return;
    require(is_page(document.value), "what is no page is refused");
    check_page(page, input, document.value);
    const json error = part_of(part_of(document.value, "metadata"), "error");
    require(!error.is_object() || error.empty(), "an error in a success is an error");
  } catch (const errors::ApiError& error) {
    require(!document.is_settled() || !is_page(document.value) || has_plain_error(part_of(document.value, "metadata")), "a page is taken");
    require(error.code() != errors::ErrorCode::decode, "a page is an envelope or none");
  }
}

}  // namespace

Target envelope_target() {
  return {run,
          {"{"sv,
           "}"sv,
           ","sv,
           "{\"metadata\":{\"status\":\"OK\",\"error\":{}},\"pagination\":{\"totalElements\":1,\"totalPages\":1},\"data\":[{\"a\":1}]}"sv,
           "{\"pagination\":{\"totalElements\":0},\"data\":[]}"sv,
           "\"data\":[{}]"sv,
           "\"data\":null"sv,
           "\"data\":["sv,
           "]"sv,
           "\"pagination\":{\"totalElements\":"sv,
           "\"pagination\":{\"totalPages\":-1}"sv,
           "\"metadata\":{\"timestamp\":\"2026-01-31 12:00:00\",\"error\":{\"code\":\"9001\",\"field\":{\"attribute\":\"page\"}}}"sv,
           "\"metadata\":{\"error\":\"no\"}"sv,
           "\"metadata\":{\"error\":false}"sv,
           "\"metadata\":[]"sv,
           "\"d\\u0061ta\":[]"sv,
           "1"sv,
           "1.5"sv,
           "\"1\""sv,
           "99999999999999999999"sv,
           "<html>"sv,
           "null"sv},
          5'000};  // what is no JSON goes through the patterns of secrets, which are slow with sanitizers
}

}  // namespace imednet::fuzz
