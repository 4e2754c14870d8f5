#include "cli/text_table.h"

#include <algorithm>
#include <numeric>

#include "cli/display_text.h"

namespace imednet::cli {
namespace {

constexpr std::size_t kNarrowest = 6;    // before another column is left out
constexpr std::string_view kGap = "  ";  // between two columns

}  // namespace

TextTable::TextTable(std::vector<TextColumn> columns, std::size_t width, std::size_t indent)
    : columns_(std::move(columns)), width_(width), indent_(indent), shown_(columns_.size()) {
  for (const TextColumn& column : columns_) widths_.push_back(display_width(column.title));
}

void TextTable::measure(const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], display_width(cells[i]));
}

std::size_t TextTable::line_width() const {
  const auto end = widths_.begin() + static_cast<std::ptrdiff_t>(shown_);
  return std::accumulate(widths_.begin(), end, indent_ + kGap.size() * (shown_ - 1));
}

// The widest columns give first.
void TextTable::shrink() {
  const auto end = widths_.begin() + static_cast<std::ptrdiff_t>(shown_);
  while (line_width() > width_) {
    const auto widest = std::max_element(widths_.begin(), end);
    if (*widest <= kNarrowest) return;
    --*widest;
  }
}

void TextTable::fit() {
  if (width_ == 0) return;
  const std::vector<std::size_t> wanted = widths_;
  shrink();
  while (shown_ > 1 && line_width() > width_) {
    --shown_;
    widths_ = wanted;
    shrink();
  }
  if (line_width() > width_) widths_.front() = std::max<std::size_t>(width_, indent_ + 1) - indent_;
  // Later rows may be wider than those that were measured: what room is left is the last column's.
  if (!columns_[shown_ - 1].is_number && line_width() < width_) widths_[shown_ - 1] += width_ - line_width();
}

std::string TextTable::cell(const std::string& text, std::size_t column) const {
  const std::string shown = width_ == 0 ? text : cut_to_width(text, widths_[column]);
  const std::size_t width = display_width(shown);
  const std::string blanks(widths_[column] > width ? widths_[column] - width : 0, ' ');
  if (columns_[column].is_number) return blanks + shown;
  return column + 1 == shown_ ? shown : shown + blanks;
}

std::string TextTable::header() const {
  std::vector<std::string> titles;
  for (const TextColumn& column : columns_) titles.push_back(column.title);
  return line(titles);
}

std::string TextTable::line(const std::vector<std::string>& cells) const {
  std::string text(indent_, ' ');
  for (std::size_t i = 0; i < shown_; ++i) {
    if (i > 0) text += kGap;
    text += cell(cells[i], i);
  }
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::string text_of_table(std::vector<TextColumn> columns, const std::vector<std::vector<std::string>>& rows, std::size_t width,
                          std::size_t indent) {
  TextTable table(std::move(columns), width, indent);
  for (const auto& cells : rows) table.measure(cells);
  table.fit();
  std::string text = table.header() + "\n";
  for (const auto& cells : rows) text += table.line(cells) + "\n";
  return text;
}

}  // namespace imednet::cli
