// fake_study.h: a small study behind the record list's own rules (page, size, sort, filter), with switches for each way an
// API may fail to keep them.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "unit/api/scripted_transport.h"

namespace imednet::api {

class FakeStudy {
 public:
  // `padding`: bytes of recordData.
  void add(std::int64_t id, std::size_t padding = 0, const std::string& form = "AE") {
    records[id] =
        R"({"recordId":)" + std::to_string(id) + R"(,"formKey":")" + form + R"(","recordData":{"a":")" + std::string(padding, 'x') + "\"}}";
  }
  void add_many(std::int64_t first, std::int64_t count, std::int64_t step = 1) {
    for (std::int64_t i = 0; i < count; ++i) add(first + i * step);
  }

  http::Response answer(const http::Request& request) {
    ++requests;
    if (before_answer) before_answer(requests);
    const Wish wish = read(request.url);
    sizes.push_back(wish.size);
    std::vector<std::int64_t> ids = matching(wish);
    const auto total = static_cast<std::int64_t>(ids.size());
    if (wish.is_descending && !ignores_sort) std::reverse(ids.begin(), ids.end());
    if (wish.size > 500) return {.status = 400, .body = error_body("1000", "size")};
    std::string data;
    const std::int64_t first = std::min(wish.page * wish.size, total);
    const std::int64_t last = std::min(first + wish.size, total);
    for (std::int64_t i = first; i < last; ++i) data += (data.empty() ? "" : ",") + records.at(ids[static_cast<std::size_t>(i)]);
    if (wish.size > 1 && is_repeating && !last_page_.empty()) data = last_page_;
    if (wish.size > 1) last_page_ = data;
    const std::string body = list_body(data, total_said ? total_said(total) : total);
    if (static_cast<std::int64_t>(body.size()) > request.max_body_bytes)
      throw http::BodyTooLarge("the answer is larger than allowed", {.code = errors::ErrorCode::protocol});
    return {.status = 200, .body = body};
  }
  Script::Answer transport() {
    return [this](const http::Request& request) { return answer(request); };
  }

  std::map<std::int64_t, std::string> records;        // id -> the element as sent
  bool ignores_filter = false, ignores_sort = false;  // without a sort: rising ids
  bool is_repeating = false;                          // the first page again and again
  std::function<std::int64_t(std::int64_t)> total_said;
  std::function<void(int)> before_answer;  // with the request's number, from 1
  int requests = 0;
  std::vector<std::int64_t> sizes;  // of each request

 private:
  struct Wish {
    std::int64_t page = 0, size = 25;
    bool is_descending = false;
    std::string filter;
  };

  static std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    EXPECT_EQ(std::from_chars(text.data(), text.data() + text.size(), value).ec, std::errc()) << text;
    return value;
  }
  static std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        plain.push_back(text[i]);
        continue;
      }
      plain.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    }
    return plain;
  }
  static std::vector<std::string_view> parts(std::string_view text, char separator) {
    std::vector<std::string_view> all;
    while (!text.empty()) {
      const auto end = std::min(text.find(separator), text.size());
      all.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
  }

  static Wish read(const std::string& url) {
    Wish wish;
    for (const std::string_view pair : parts(std::string_view(url).substr(url.find('?') + 1), '&')) {
      const std::string_view name = pair.substr(0, pair.find('='));
      const std::string value = decoded(pair.substr(name.size() + 1));
      if (name == "page") wish.page = number(value);
      if (name == "size") wish.size = number(value);
      if (name == "sort") {
        EXPECT_TRUE(value == "recordId,asc" || value == "recordId,desc") << value;
        wish.is_descending = value == "recordId,desc";
      }
      if (name == "filter") wish.filter = value;
    }
    return wish;
  }

  // "," is or, ";" is and and binds tighter.
  bool keeps(const std::string& filter, std::int64_t id, const std::string& text) const {
    if (filter.empty()) return true;
    for (const std::string_view alternative : parts(filter, ',')) {
      bool is_kept = true;
      for (const std::string_view term : parts(alternative, ';')) {
        if (term.starts_with("recordId>")) {
          is_kept = is_kept && (ignores_filter || id > number(term.substr(9)));
        } else if (term.starts_with("recordId<=")) {
          is_kept = is_kept && (ignores_filter || id <= number(term.substr(10)));
        } else {
          EXPECT_TRUE(term.starts_with("formKey==")) << term;
          is_kept = is_kept && text.find("\"formKey\":\"" + std::string(term.substr(9)) + "\"") != std::string::npos;
        }
      }
      if (is_kept) return true;
    }
    return false;
  }
  std::vector<std::int64_t> matching(const Wish& wish) const {
    std::vector<std::int64_t> ids;
    for (const auto& [id, text] : records) {
      if (keeps(wish.filter, id, text)) ids.push_back(id);
    }
    return ids;
  }

  std::string last_page_;
};

}  // namespace imednet::api
