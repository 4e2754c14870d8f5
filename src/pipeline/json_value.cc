#include "pipeline/json_value.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace imednet::pipeline {
namespace {

using nlohmann::json;

// "-12.50" and "-1.25e1" both become "-125e-1": sign, digits without zeros at either end, power of ten of the last one.
std::string canonical_number(std::string_view token) {
  std::string text(token);
  const std::size_t exponent_at = text.find_first_of("eE");
  if (exponent_at != std::string::npos) {
    char rounded[32];
    std::snprintf(rounded, sizeof rounded, "%.14e", std::strtod(text.c_str(), nullptr));
    text = rounded;
  }
  const std::size_t mark = text.find('e');
  long power = mark == std::string::npos ? 0 : std::strtol(text.c_str() + mark + 1, nullptr, 10);
  const bool is_negative = text.front() == '-';
  std::string digits;
  bool is_fraction = false;
  for (std::size_t i = is_negative ? 1 : 0; i < std::min(mark, text.size()); ++i) {
    if (text[i] == '.') {
      is_fraction = true;
      continue;
    }
    digits += text[i];
    if (is_fraction) --power;
  }
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++power;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return "0";
  return (is_negative ? "-" : "") + digits + "e" + std::to_string(power);
}

// Writes each value as a text in which no two different values are alike.
class Canonical final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return put("n"); }
  bool boolean(bool value) override { return put(value ? "t" : "f"); }
  bool number_integer(number_integer_t value) override { return put(canonical_number(std::to_string(value))); }
  bool number_unsigned(number_unsigned_t value) override { return put(canonical_number(std::to_string(value))); }
  bool number_float(number_float_t /*value*/, const string_t& token) override { return put(canonical_number(token)); }
  bool string(string_t& value) override { return put(quoted(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return start(); }
  bool start_array(std::size_t /*size*/) override { return start(); }
  bool key(string_t& name) override {
    open_.back().key = quoted(name);
    return true;
  }
  bool end_object() override { return end('{', '}', /*sorts=*/true); }
  bool end_array() override { return end('[', ']', /*sorts=*/false); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const json::exception& /*error*/) override { return false; }

  std::string take() { return std::move(result_); }

 private:
  struct Open {
    std::string key;
    std::vector<std::string> values;  // of an object: key and value in one
  };

  static std::string quoted(const std::string& text) { return std::to_string(text.size()) + '"' + text; }
  bool put(std::string text) {
    if (open_.empty()) {
      result_ = std::move(text);
    } else {
      open_.back().values.push_back(std::exchange(open_.back().key, {}) + text);
    }
    return true;
  }
  bool start() {
    open_.emplace_back();
    return true;
  }
  bool end(char first, char last, bool sorts) {
    std::vector<std::string> values = std::move(open_.back().values);
    open_.pop_back();
    if (sorts) std::sort(values.begin(), values.end());
    std::string text(1, first);
    for (const std::string& value : values) text.append(value).append(",");
    return put(text + last);
  }

  std::vector<Open> open_;
  std::string result_;
};

std::optional<std::string> canonical(std::string_view text) {
  Canonical writer;
  if (!json::sax_parse(text, &writer)) return std::nullopt;
  return writer.take();
}

}  // namespace

bool is_same_json(std::string_view one, std::string_view other) {
  if (one == other) return true;
  const auto first = canonical(one);
  return first && first == canonical(other);
}

}  // namespace imednet::pipeline
