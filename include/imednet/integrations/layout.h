// layout.h: what shape a study gets: one table of records, or one typed table a form.
//
// Promise: of the `forms` layout every answer is in its column as it was sent, or as its exact JSON text in `_raw` or `_extra`; what is
//          left out is left out by the settings below and counted.
// Source:  docs/formats/forms-layout.md.
#pragma once

#include <string>
#include <vector>

namespace imednet::integrations {

// The shapes there are.
enum class LayoutName {
  records,  // one row a record, all answers in one column
  forms,    // one typed table a form, and the dimensions they refer to
};

// Which layout, and what of the study comes along. All but `name` is for typed tables and views alone; `sites` for tables.
struct LayoutChoice {
  LayoutName name = LayoutName::records;  // which of the two
  std::vector<std::string> forms{};       // form keys, in any case; empty: all
  std::vector<std::string> variables{};   // variable names, or <form key>.<variable name>, in any case; empty: all
  std::vector<std::string> sites{};       // site ids or names; empty: all
  bool include_blinded = false;           // variables marked blinded, which are left out otherwise
  bool views = false;                     // layout `records`: a typed view a form over the table, <table>_<form key>
};

}  // namespace imednet::integrations
