// list_table.cc: elements as a table for people.
#include <fmt/format.h>

#include <algorithm>

#include "cli/display_text.h"
#include "cli/list_output.h"
#include "cli/output.h"
#include "cli/text_table.h"
#include "imednet/models.h"

namespace imednet::cli {
namespace {

bool is_number(std::string_view json) { return !json.empty() && (json.front() == '-' || (json.front() >= '0' && json.front() <= '9')); }

class TableOutput final : public ListOutput {
 public:
  TableOutput(std::vector<std::string> fields, std::size_t width, bool has_colour)
      : fields_(std::move(fields)), width_(width), has_colour_(has_colour), numbers_(fields_.size()), others_(fields_.size()) {}

  bool add(std::string_view raw) override {
    std::vector<std::string> cells;
    for (const OptionalText& text : field_texts(raw, fields_)) cells.push_back(harmless_text(text.value_or("")));
    if (table_) return write_out(table_->line(cells) + "\n");
    note_kinds(raw);
    held_.push_back(std::move(cells));
    return held_.size() < kHeld || open();
  }
  bool finish() override { return table_ || open(); }
  std::size_t left_out() const override { return table_ ? table_->left_out() : 0; }

 private:
  static constexpr std::size_t kHeld = 200;

  void note_kinds(std::string_view raw) {
    for (const RawField& field : raw_fields(raw, fields_)) {
      const auto place = static_cast<std::size_t>(std::ranges::find(fields_, field.first) - fields_.begin());
      if (is_number(field.second)) {
        numbers_[place] = true;
      } else if (field.second != "null") {
        others_[place] = true;
      }
    }
  }

  bool open() {
    std::vector<TextColumn> columns;
    for (std::size_t i = 0; i < fields_.size(); ++i) columns.push_back({harmless_text(fields_[i]), numbers_[i] && !others_[i]});
    table_ = std::make_unique<TextTable>(std::move(columns), width_);
    for (const auto& cells : held_) table_->measure(cells);
    table_->fit();
    const std::string header = table_->header();
    bool is_read = write_out(has_colour_ ? fmt::format("\x1b[1m{}\x1b[0m\n", header) : header + "\n");
    for (const auto& cells : held_) is_read = is_read && write_out(table_->line(cells) + "\n");
    held_ = {};
    return is_read;
  }

  std::vector<std::string> fields_;
  std::size_t width_;
  bool has_colour_;
  std::vector<bool> numbers_, others_;  // what was seen in a column
  std::vector<std::vector<std::string>> held_;
  std::unique_ptr<TextTable> table_;  // from the first line on
};

}  // namespace

std::unique_ptr<ListOutput> make_list_table(std::vector<std::string> fields, std::size_t width, bool has_colour) {
  return std::make_unique<TableOutput>(std::move(fields), width, has_colour);
}

}  // namespace imednet::cli
