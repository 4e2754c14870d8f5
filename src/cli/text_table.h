// text_table.h: columns for people: as wide as their cells, cut where the terminal ends.
//
// Promise: with a width every line fits into it. What does not fit its column is cut, with an ellipsis; columns for which there is no room
//          are left out from the right, the first one never. Numbers stand at the right of their column.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace imednet::cli {

struct TextColumn {
  std::string title{};
  bool is_number = false;  // at the right
};

class TextTable {
 public:
  // `width`: of the terminal; 0: there is none, and nothing is cut. `indent`: blanks before each line.
  TextTable(std::vector<TextColumn> columns, std::size_t width, std::size_t indent = 0);

  // Makes the columns wide enough for these cells; they are proper UTF-8 without control characters.
  void measure(const std::vector<std::string>& cells);
  // After the last measure(), before the first line.
  void fit();

  std::string header() const;
  std::string line(const std::vector<std::string>& cells) const;
  std::size_t left_out() const noexcept { return columns_.size() - shown_; }  // columns

 private:
  std::size_t line_width() const;
  void shrink();
  std::string cell(const std::string& text, std::size_t column) const;

  std::vector<TextColumn> columns_;
  std::vector<std::size_t> widths_;
  std::size_t width_, indent_, shown_;
};

// All of it at once: header and rows, each with a line feed.
std::string text_of_table(std::vector<TextColumn> columns, const std::vector<std::vector<std::string>>& rows, std::size_t width,
                          std::size_t indent);

}  // namespace imednet::cli
