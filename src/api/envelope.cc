#include "api/envelope.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "api/scalar.h"

namespace imednet::api {
namespace {

using errors::ErrorCode;
using errors::RetryClass;
namespace json = simdjson::ondemand;

// A gateway's page or a cut answer: another try may get the real one.
[[noreturn]] void throw_not_an_envelope(std::string_view cause, std::string_view body = {}) {
  throw errors::ApiError(fmt::format("cannot read from iMednet: {}", cause),
                         {.code = ErrorCode::protocol,
                          .hint = "check IMEDNET_BASE_URL and the proxy; run again",
                          .retry = RetryClass::backoff,
                          .origin = {.system = "imednet", .http_status = 200, .body = excerpt_of(body)}});
}

// Where the first bytes stand that are no UTF-8: letters beyond ASCII come in runs, and a run is right or wrong by itself.
std::size_t first_not_utf8(std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t start = at;
    while (at < text.size() && !is_ascii(text[at])) ++at;
    if (at > start && !simdjson::validate_utf8(text.data() + start, at - start)) return start;
  }
  return text.size();
}

// ", near record 200" by the last id before the place; empty where there is none.
std::string near_record(std::string_view body, std::size_t place) {
  constexpr std::string_view kName = "\"recordId\":";
  const std::size_t name = body.substr(0, place).rfind(kName);
  if (name == std::string_view::npos) return {};
  const std::string_view rest = body.substr(name + kName.size());
  const std::size_t start = std::min(rest.find_first_not_of(' '), rest.size());
  const std::string_view digits = rest.substr(start, std::min(rest.find_first_not_of("0123456789", start), rest.size()) - start);
  return digits.empty() ? std::string() : fmt::format(", near record {}", digits.substr(0, 19));
}

json::parser& parser() {
  static thread_local json::parser instance;
  return instance;
}

std::string text_of(json::value value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
  std::string_view token = value.raw_json_token();
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r')) token.remove_suffix(1);
  return token == "null" || token.starts_with('{') || token.starts_with('[') ? std::string() : std::string(token);
}

ErrorEnvelope read_error_object(json::object object) {
  ErrorEnvelope error;
  for (auto field : object) {
    const std::string_view key = name_of(field);
    json::value value = field.value();
    if (key == "code") error.code = text_of(value);
    if (key == "description") error.description = text_of(value);
    if (key != "field") continue;
    json::object inner;
    if (value.get_object().get(inner) != simdjson::SUCCESS) continue;
    for (auto part : inner) {
      const std::string_view name = name_of(part);
      if (name == "attribute") error.attribute = text_of(part.value());
      if (name == "value") error.value = text_of(part.value());
    }
  }
  return error;
}

struct Head {
  ErrorEnvelope error;
  bool has_error = false;
};

void read_metadata(json::object metadata, Page& page, Head& head) {
  for (auto field : metadata) {
    const std::string_view key = name_of(field);
    if (key == "timestamp") page.timestamp = text_of(field.value());
    if (key != "error") continue;
    json::value value = field.value();
    json::object error;
    if (value.get_object().get(error) != simdjson::SUCCESS) {  // not the documented shape, but an error all the same
      head.error.description = text_of(value);
      head.has_error = !head.error.description.empty() && head.error.description != "false";
      continue;
    }
    bool is_empty = true;
    if (error.is_empty().get(is_empty) != simdjson::SUCCESS || is_empty) continue;
    head.has_error = true;
    head.error = read_error_object(error);
  }
}

void read_pagination(json::object pagination, Page& page) {
  for (auto field : pagination) {
    const std::string_view key = name_of(field);
    std::int64_t* number = key == "totalElements" ? &page.total_elements : key == "totalPages" ? &page.total_pages : nullptr;
    if (number == nullptr) continue;
    json::value value = field.value();
    if (value.get_int64().get(*number) != simdjson::SUCCESS || *number < 0)
      throw_not_an_envelope("the page's totals are not whole numbers");
  }
}

}  // namespace

Page read_envelope(std::string body) {
  Page page{.body = std::move(body)};
  page.body.reserve(page.body.size() + simdjson::SIMDJSON_PADDING);
  Head head;
  bool has_data = false;
  try {
    json::document document = parser().iterate(page.body.data(), page.body.size(), page.body.capacity());
    json::object object = document.get_object();
    for (auto field : object) {
      const std::string_view key = name_of(field);
      if (key == "metadata") {
        read_metadata(field.value().get_object(), page, head);
      } else if (key == "pagination") {
        read_pagination(field.value().get_object(), page);
      } else if (key == "data") {
        json::array data = field.value().get_array();
        const std::string_view slice = data.raw_json();
        page.data_begin = static_cast<std::size_t>(slice.data() - page.body.data());
        page.data_size = slice.size();
        has_data = true;
      }
    }
    if (!document.at_end()) throw_not_an_envelope("the answer goes on after its end");
  } catch (const simdjson::simdjson_error& error) {
    // A cut can fall inside a letter, so this too is worth another try.
    if (error.error() != simdjson::UTF8_ERROR) throw_not_an_envelope("the answer is cut off or not JSON", page.body);
    throw_not_an_envelope("the answer holds bytes that are not UTF-8" + near_record(page.body, first_not_utf8(page.body)));
  }
  if (head.has_error) throw_error_in_success(head.error);
  if (!has_data) throw_not_an_envelope("the answer has no data");
  return page;
}

ErrorEnvelope read_error(std::string_view body) {
  Page page;
  Head head;
  try {
    const simdjson::padded_string padded(body);
    json::document document = parser().iterate(padded);
    json::object metadata = document["metadata"].get_object();
    read_metadata(metadata, page, head);
  } catch (const simdjson::simdjson_error&) {
    return {};
  }
  return head.error;
}

}  // namespace imednet::api
