// list_output.h: elements of the API as lines on standard output, one after the other: JSON, NDJSON, CSV, or a table for people.
//
// Promise: NDJSON, JSON and CSV alter no value and hold one element at a time. Of a table the first rows are held, so that columns can be
//          as wide as they need; what does not fit the terminal is cut, with an ellipsis, and control characters are shown as such.
// Errors:  as write_out(); ImednetError invalid_argument for a field that is not known.
// Source:  RFC 4180 for CSV; docs/lists.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::cli {

enum class ListFormat { table, json, ndjson, csv };

struct ListLayout {
  ListFormat format = ListFormat::ndjson;
  std::vector<std::string> fields{};  // by their names on the wire; empty: all of an element as it came
  bool is_for_spreadsheets = false;   // CSV: what a spreadsheet would take for a formula gets an apostrophe
  std::size_t width = 0;              // of the terminal; 0: it is none, and nothing is cut
  bool has_colour = false;
};

class ListOutput {
 public:
  virtual ~ListOutput() = default;
  // False: nobody reads any more.
  virtual bool add(std::string_view raw) = 0;
  // After the last one, of a list that is whole.
  virtual bool finish() = 0;
};

std::unique_ptr<ListOutput> make_list_output(ListLayout layout);

// "form_key" and "formKey" are one field. Throws invalid_argument with the names there are.
std::vector<std::string> chosen_fields(const std::vector<std::string>& asked, const std::vector<std::string_view>& known);
// "formKey" → "form_key"
std::string snake_case(std::string_view name);

}  // namespace imednet::cli
