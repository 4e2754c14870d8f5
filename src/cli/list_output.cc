#include "cli/list_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/output.h"
#include "imednet/models.h"

namespace imednet::cli {
namespace {

// JSON text never has a raw line break inside a string, so those between tokens can go.
std::string without_breaks(std::string_view json) {
  std::string text(json);
  if (text.find('\n') == std::string::npos && text.find('\r') == std::string::npos) return text;  // the usual case, at memchr's speed
  std::ranges::replace_if(
      text, [](char letter) { return letter == '\n' || letter == '\r'; }, ' ');
  return text;
}

// A name as JSON text, as it can stand on the wire: only a quote and a backslash need an escape once control characters are none.
std::string json_name(std::string_view name) {
  std::string text = "\"";
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20) {
      text += fmt::format("\\u{:04x}", byte);
      continue;
    }
    if (letter == '"' || letter == '\\') text.push_back('\\');
    text.push_back(letter);
  }
  return text + "\"";
}

class NdjsonOutput final : public ListOutput {
 public:
  explicit NdjsonOutput(std::vector<std::string> fields) : fields_(std::move(fields)) {}
  bool add(std::string_view raw) override { return write_out(json_of(raw, fields_) + "\n"); }
  bool finish() override { return true; }

 private:
  std::vector<std::string> fields_;
};

class JsonOutput final : public ListOutput {
 public:
  explicit JsonOutput(std::vector<std::string> fields) : fields_(std::move(fields)) {}
  bool add(std::string_view raw) override {
    const std::string_view before = is_first_ ? "[\n" : ",\n";
    is_first_ = false;
    return write_out(fmt::format("{}{}", before, json_of(raw, fields_)));
  }
  bool finish() override { return write_out(is_first_ ? "[\n]\n" : "\n]\n"); }

 private:
  std::vector<std::string> fields_;
  bool is_first_ = true;
};

// A number as JSON writes it: no formula, although it may begin like one.
bool is_plain_number(std::string_view text) {
  const std::size_t start = text.starts_with('-') ? 1 : 0;
  const std::string_view digits = text.substr(start);
  return !digits.empty() && digits.find_first_not_of("0123456789.") == std::string_view::npos && std::ranges::count(digits, '.') <= 1;
}

// RFC 4180; null is an empty field, empty text is "". Alone on its line a null is "", too, since most readers pass over an empty line.
class CsvOutput final : public ListOutput {
 public:
  CsvOutput(std::vector<std::string> fields, bool is_for_spreadsheets)
      : fields_(std::move(fields)), is_for_spreadsheets_(is_for_spreadsheets) {}

  bool add(std::string_view raw) override {
    if (!has_header_ && !write_header()) return false;
    return write_line(field_texts(raw, fields_));
  }
  bool finish() override { return has_header_ || write_header(); }

 private:
  bool write_header() {
    has_header_ = true;
    std::vector<OptionalText> names;
    for (const std::string& field : fields_) names.emplace_back(snake_case(field));
    return write_line(names);
  }

  bool write_line(const std::vector<OptionalText>& texts) const {
    std::string line;
    for (const OptionalText& text : texts) {
      append(line, text);
      line.push_back(',');
    }
    line.back() = '\n';
    return write_out(line.size() == 1 ? "\"\"\n" : line);
  }

  bool is_formula(const std::string& text) const {
    return is_for_spreadsheets_ && !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos &&
           !is_plain_number(text);
  }

  void append(std::string& line, const OptionalText& text) const {
    if (!text) return;
    const bool is_guarded = is_formula(*text);
    if (!text->empty() && !is_guarded && text->find_first_of(",\"\r\n") == std::string::npos) {
      line += *text;
      return;
    }
    line += is_guarded ? "\"'" : "\"";
    for (const char letter : *text) {
      if (letter == '"') line.push_back('"');
      line.push_back(letter);
    }
    line.push_back('"');
  }

  std::vector<std::string> fields_;
  bool is_for_spreadsheets_;
  bool has_header_ = false;
};

std::unique_ptr<ListOutput> make_settled(const ListLayout& layout) {
  std::vector<std::string> fields = layout.fields.names();
  switch (layout.format) {
    case ListFormat::table:
      return make_list_table(std::move(fields), layout.width, layout.has_colour);
    case ListFormat::json:
      return std::make_unique<JsonOutput>(std::move(fields));
    case ListFormat::csv:
      return std::make_unique<CsvOutput>(std::move(fields), layout.is_for_spreadsheets);
    default:
      return std::make_unique<NdjsonOutput>(std::move(fields));
  }
}

// Holds elements until it is clear which fields are meant. An empty list says nothing against a name.
class ChoosingOutput final : public ListOutput {
 public:
  explicit ChoosingOutput(ListLayout layout) : layout_(std::move(layout)) {}

  bool add(std::string_view raw) override {
    if (output_) return output_->add(raw);
    layout_.fields.look_into(raw);
    held_.emplace_back(raw);
    return (!layout_.fields.is_settled() && held_.size() < kHeld) || open();
  }
  bool finish() override { return (output_ || open()) && output_->finish(); }
  std::size_t left_out() const override { return output_ ? output_->left_out() : 0; }

 private:
  static constexpr std::size_t kHeld = 500;

  bool open() {
    if (!held_.empty()) layout_.fields.require_settled();
    output_ = make_settled(layout_);
    const bool is_read = std::ranges::all_of(held_, [&](const std::string& raw) { return output_->add(raw); });
    held_ = {};
    return is_read;
  }

  ListLayout layout_;
  std::vector<std::string> held_;
  std::unique_ptr<ListOutput> output_;
};

}  // namespace

std::string json_of(std::string_view raw, const std::vector<std::string>& fields) {
  if (fields.empty()) return without_breaks(raw);
  std::vector<std::string> members;
  for (const RawField& field : raw_fields(raw, fields)) members.push_back(fmt::format("{}:{}", json_name(field.first), field.second));
  return without_breaks(fmt::format("{{{}}}", fmt::join(members, ",")));
}

std::unique_ptr<ListOutput> make_list_output(ListLayout layout) {
  if (layout.fields.is_settled()) return make_settled(layout);
  return std::make_unique<ChoosingOutput>(std::move(layout));
}

}  // namespace imednet::cli
