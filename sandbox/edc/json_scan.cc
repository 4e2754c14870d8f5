#include "sandbox/edc/json_scan.h"

#include <nlohmann/json.hpp>

namespace imednet::sandbox::edc {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Position after the string that starts at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

std::size_t after_nested(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  std::size_t i = at;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') {
      i = after_string(text, i);
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i;
    }
  }
  return text.size();
}

}  // namespace

MemberReader::MemberReader(std::string_view object) : text_(object) {
  skip_space();
  at_ = at_ < text_.size() && text_[at_] == '{' ? at_ + 1 : text_.size();
}

std::optional<Member> MemberReader::next() {
  skip_space();
  if (at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    skip_space();
  }
  if (at_ >= text_.size() || text_[at_] != '"') {
    return std::nullopt;
  }
  const std::string_view key = take_string();
  skip_space();
  if (at_ >= text_.size() || text_[at_] != ':' || key.size() < 2) {
    return std::nullopt;
  }
  ++at_;
  skip_space();
  return Member{key.substr(1, key.size() - 2), take_value()};
}

void MemberReader::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) {
    ++at_;
  }
}

std::string_view MemberReader::take_string() {
  const std::size_t start = at_;
  at_ = after_string(text_, at_);
  return text_.substr(start, at_ - start);
}

std::string_view MemberReader::take_value() {
  if (at_ >= text_.size()) {
    return {};
  }
  const std::size_t start = at_;
  const char first = text_[at_];
  if (first == '"') {
    return take_string();
  }
  if (first == '{' || first == '[') {
    at_ = after_nested(text_, at_);
  } else {
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']' && !is_space(text_[at_])) {
      ++at_;
    }
  }
  return text_.substr(start, at_ - start);
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view key) {
  MemberReader reader(object);
  while (const auto member = reader.next()) {
    if (member->key == key) {
      return member->value;
    }
  }
  return std::nullopt;
}

bool is_json_string(std::string_view value) { return value.size() >= 2 && value.front() == '"'; }

std::string decoded_text(std::string_view value) {
  if (!is_json_string(value)) {
    return std::string(value);
  }
  const std::string_view inner = value.substr(1, value.size() - 2);
  if (inner.find('\\') == std::string_view::npos) {
    return std::string(inner);
  }
  const auto parsed = nlohmann::json::parse(value, nullptr, /*allow_exceptions=*/false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string(inner);
}

std::string quoted_json(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace imednet::sandbox::edc
