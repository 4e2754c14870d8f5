// list_output.h: elements of the API as lines on standard output, one after the other: JSON, NDJSON, CSV, or a table for people.
//
// Promise: NDJSON, JSON and CSV alter no value and hold one element at a time; a JSON array is closed when the list is whole, and only
// then.
//          Of a table the first 200 rows are held, so that columns can be as wide as they need (text_table.h); what is in a cell can't
//          speak to the terminal. Where a field that the model does not know is asked for, the first 500 elements at most are held to find
//          it.
// Errors:  as write_out(); ImednetError invalid_argument for a field that no element has.
// Source:  RFC 4180 for CSV; docs/lists.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/list_fields.h"

namespace imednet::cli {

enum class ListFormat { table, json, ndjson, csv };

struct ListLayout {
  ListFormat format = ListFormat::ndjson;
  FieldChoice fields;                // none: all of an element as it came
  bool is_for_spreadsheets = false;  // CSV: what a spreadsheet would take for a formula gets an apostrophe
  std::size_t width = 0;             // of the terminal; 0: it is none, and nothing is cut
  bool has_colour = false;
};

class ListOutput {
 public:
  virtual ~ListOutput() = default;
  // False: nobody reads any more.
  virtual bool add(std::string_view raw) = 0;
  // After the last one, of a list that is whole or that ends where it was asked to; the same promise.
  virtual bool finish() = 0;
  // Columns for which the terminal had no room.
  virtual std::size_t left_out() const { return 0; }
};

std::unique_ptr<ListOutput> make_list_output(ListLayout layout);
// An element on one line: those of its fields that it has, in this order; none named: all of it as it came.
std::string json_of(std::string_view raw, const std::vector<std::string>& fields);
// A table alone (list_table.cc).
std::unique_ptr<ListOutput> make_list_table(std::vector<std::string> fields, std::size_t width, bool has_colour);

}  // namespace imednet::cli
