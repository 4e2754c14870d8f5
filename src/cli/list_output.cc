#include "cli/list_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/output.h"
#include "imednet/errors.h"
#include "imednet/models.h"

namespace imednet::cli {
namespace {

// JSON text never has a raw line break inside a string, so those between tokens can go.
std::string one_line(std::string_view json) {
  std::string text(json);
  if (text.find('\n') == std::string::npos && text.find('\r') == std::string::npos) return text;  // the usual case, at memchr's speed
  std::ranges::replace_if(
      text, [](char letter) { return letter == '\n' || letter == '\r'; }, ' ');
  return text;
}

// The fields of an element that were asked for, as an object.
std::string picked(std::string_view raw, const std::vector<std::string>& fields) {
  if (fields.empty()) return one_line(raw);
  std::vector<std::string> members;
  for (const RawField& field : raw_fields(raw, fields)) members.push_back(fmt::format("\"{}\":{}", field.first, field.second));
  return one_line(fmt::format("{{{}}}", fmt::join(members, ",")));
}

class NdjsonOutput final : public ListOutput {
 public:
  explicit NdjsonOutput(std::vector<std::string> fields) : fields_(std::move(fields)) {}
  bool add(std::string_view raw) override { return write_out(picked(raw, fields_) + "\n"); }
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
    return write_out(fmt::format("{}{}", before, picked(raw, fields_)));
  }
  bool finish() override { return write_out(is_first_ ? "[\n]\n" : "\n]\n"); }

 private:
  std::vector<std::string> fields_;
  bool is_first_ = true;
};

// RFC 4180; null is an empty field, empty text is "".
class CsvOutput final : public ListOutput {
 public:
  CsvOutput(std::vector<std::string> fields, bool is_for_spreadsheets)
      : fields_(std::move(fields)), is_for_spreadsheets_(is_for_spreadsheets) {}

  bool add(std::string_view raw) override {
    if (!has_header_ && !write_header()) return false;
    std::string line;
    for (const OptionalText& text : field_texts(raw, fields_)) {
      append(line, text);
      line.push_back(',');
    }
    line.back() = '\n';
    return write_out(line);
  }
  bool finish() override { return has_header_ || write_header(); }

 private:
  bool write_header() {
    has_header_ = true;
    std::vector<std::string> names;
    for (const std::string& field : fields_) names.push_back(snake_case(field));
    return write_out(fmt::format("{}\n", fmt::join(names, ",")));
  }

  void append(std::string& line, const OptionalText& text) const {
    if (!text) return;
    const bool is_formula =
        is_for_spreadsheets_ && !text->empty() && std::string_view("=+-@\t\r").find(text->front()) != std::string_view::npos;
    if (!text->empty() && !is_formula && text->find_first_of(",\"\r\n") == std::string::npos) {
      line += *text;
      return;
    }
    line += is_formula ? "\"'" : "\"";
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

bool is_continuation(char letter) { return (static_cast<unsigned char>(letter) & 0xC0u) == 0x80u; }

// Letters, not bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char letter) { return !is_continuation(letter); }));
}

// At most so many letters, the last one an ellipsis where something had to go.
std::string cut(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  std::size_t bytes = 0, letters = 0;
  while (letters + 1 < width) {
    ++bytes;
    while (bytes < text.size() && is_continuation(text[bytes])) ++bytes;
    ++letters;
  }
  return text.substr(0, bytes) + "…";
}

// A value from elsewhere must not speak to the terminal.
std::string shown(const OptionalText& text) {
  std::string out;
  for (const char letter : text.value_or("")) {
    const auto byte = static_cast<unsigned char>(letter);
    constexpr unsigned char kFirst = 0x20, kDelete = 0x7f;
    if (byte >= kFirst && byte != kDelete) {
      out.push_back(letter);
    } else {
      out += letter == '\n' ? "\\n" : letter == '\t' ? "\\t" : fmt::format("\\x{:02x}", byte);
    }
  }
  return out;
}

class TableOutput final : public ListOutput {
 public:
  explicit TableOutput(ListLayout layout) : layout_(std::move(layout)) {
    for (const std::string& field : layout_.fields) widths_.push_back(field.size());
  }

  bool add(std::string_view raw) override {
    std::vector<std::string> cells;
    for (const OptionalText& text : field_texts(raw, layout_.fields)) cells.push_back(shown(text));
    if (is_open_) return write_row(cells);
    held_.push_back(std::move(cells));
    return held_.size() < kHeld || open();
  }
  bool finish() override { return is_open_ || open(); }

 private:
  static constexpr std::size_t kHeld = 200;
  static constexpr std::size_t kWidest = 60;  // of a column
  static constexpr std::size_t kNarrowest = 6;
  static constexpr std::string_view kGap = "  ";

  bool open() {
    is_open_ = true;
    fit();
    std::string header = line_of(layout_.fields);
    if (layout_.has_colour) header = fmt::format("\x1b[1m{}\x1b[0m", header);
    if (!write_out(header + "\n")) return false;
    return std::ranges::all_of(held_, [&](const auto& cells) { return write_row(cells); });
  }

  void fit() {
    for (const auto& cells : held_) {
      for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], width_of(cells[i]));
    }
    if (layout_.width == 0) return;
    for (std::size_t& width : widths_) width = std::min(width, kWidest);
    const auto all = [&] {
      std::size_t sum = kGap.size() * (widths_.size() - 1);
      for (const std::size_t width : widths_) sum += width;
      return sum;
    };
    while (all() > layout_.width) {
      const auto widest = std::ranges::max_element(widths_);
      if (*widest <= kNarrowest) return;
      --*widest;
    }
  }

  std::string line_of(const std::vector<std::string>& cells) const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string text = layout_.width == 0 ? cells[i] : cut(cells[i], widths_[i]);
      line += text;
      if (i + 1 == cells.size()) break;
      line.append(widths_[i] > width_of(text) ? widths_[i] - width_of(text) : 0, ' ');
      line += kGap;
    }
    return line;
  }

  bool write_row(const std::vector<std::string>& cells) const { return write_out(line_of(cells) + "\n"); }

  ListLayout layout_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> held_;
  bool is_open_ = false;
};

}  // namespace

std::unique_ptr<ListOutput> make_list_output(ListLayout layout) {
  switch (layout.format) {
    case ListFormat::table:
      return std::make_unique<TableOutput>(std::move(layout));
    case ListFormat::json:
      return std::make_unique<JsonOutput>(std::move(layout.fields));
    case ListFormat::csv:
      return std::make_unique<CsvOutput>(std::move(layout.fields), layout.is_for_spreadsheets);
    default:
      return std::make_unique<NdjsonOutput>(std::move(layout.fields));
  }
}

std::string snake_case(std::string_view name) {
  std::string snake;
  for (const char letter : name) {
    const bool is_upper = letter >= 'A' && letter <= 'Z';
    if (is_upper) snake.push_back('_');
    snake.push_back(is_upper ? static_cast<char>(letter - 'A' + 'a') : letter);
  }
  return snake;
}

std::vector<std::string> chosen_fields(const std::vector<std::string>& asked, const std::vector<std::string_view>& known) {
  std::vector<std::string> fields;
  for (const std::string& name : asked) {
    const auto found = std::ranges::find_if(known, [&](std::string_view one) { return one == name || snake_case(one) == name; });
    if (found == known.end()) {
      throw ImednetError(fmt::format("cannot show the field {}: there is none", name),
                         {.code = errors::ErrorCode::invalid_argument,
                          .hint = fmt::format("fields: {}", fmt::join(known, ", ")),
                          .origin = {.system = "local"}});
    }
    fields.emplace_back(*found);
  }
  return fields;
}

}  // namespace imednet::cli
