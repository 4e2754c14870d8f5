// form_layout.h: the typed columns of one form, made from its variables.
//
// Shape:  the record's own columns, one column a variable in the form's order (a date has its exact text beside it), `_raw`, `_extra`,
//         `_row_hash`. One column for variables that differ in case alone: the one that still is in use says what type it has.
//         Where a table takes fewer columns the form is split into parts (form_parts.h).
// Errors: ExportConfigurationError (config) for two variables that would be one column.
// Source: docs/formats/forms-layout.md; iMednet REST API v1, variables (docs/api.md).
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/answer_kind.h"
#include "imednet/models.h"
#include "table/column_names.h"
#include "table/form_parts.h"
#include "table/layout.h"

namespace imednet::table {

inline constexpr std::string_view kFormsLayout = "forms";
inline constexpr int kFormsLayoutVersion = 1;

using core::AnswerKind;

struct FormColumn {
  std::string variable;  // as the metadata spells it
  std::string type;      // its variable_type
  AnswerKind kind = AnswerKind::text;
  std::size_t place = 0;                       // of its column
  std::optional<std::size_t> text_place = {};  // of a date's exact text
  std::size_t part = 1;                        // the one that both are in
};

// Which of a form's variables become columns.
struct VariableChoice {
  std::optional<std::set<std::string, std::less<>>> only{};  // folded names; nullopt: all
  bool with_blinded = false;
};

class FormLayout {
 public:
  // `variables`: those of this form, in any order.
  FormLayout(std::string form_key, std::span<const Variable> variables, const VariableChoice& choice, const NameRule& names = {});
  FormLayout(const FormLayout&) = delete;
  FormLayout& operator=(const FormLayout&) = delete;

  const std::string& form_key() const noexcept { return form_key_; }
  // Of a whole row, whatever tables it is split into.
  const Layout& layout() const noexcept { return layout_; }
  const std::vector<FormColumn>& columns() const noexcept { return form_columns_; }
  std::size_t raw_place() const noexcept { return columns_.size() - 3; }
  std::size_t extra_place() const noexcept { return columns_.size() - 2; }

  // The column of an answer with that key: its place in columns(); kUnknown, or kLeftOut for one that is not to be kept at all.
  static constexpr std::size_t kUnknown = SIZE_MAX, kLeftOut = SIZE_MAX - 1;
  std::size_t find(std::string_view key) const;
  bool leaves_answers_out() const noexcept { return leaves_answers_out_; }

  // One part, the whole, unless split. `there`: the form's tables as they stand, the first one first; may be none.
  void split(const TableRoom& room, std::span<const TableThere> there);
  const std::deque<FormPart>& parts() const noexcept { return parts_; }
  // The variables' columns of all parts but the first, as one; the last column is the hash over them.
  const FormPart& rest() const noexcept { return rest_; }

 private:
  // Of each of columns(), the part it goes to, counted from 0.
  std::vector<std::size_t> share_out(const TableRoom& room, std::span<const TableThere> there) const;
  void add_part(std::size_t number, std::span<const std::size_t> places);
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  void add(const Variable& variable, const NameRule& names);
  void add_column(const Variable& variable, std::string name, ColumnKind kind, std::string label);

  std::string form_key_;
  std::deque<std::string> texts_;  // what columns_ refers to
  std::vector<Column> columns_;
  std::vector<FormColumn> form_columns_;
  std::map<std::string, std::size_t, std::less<>> by_key_;   // folded key -> place in form_columns_, or kLeftOut
  std::map<std::string, std::string, std::less<>> by_name_;  // folded column -> variable
  bool leaves_answers_out_ = false;
  Layout layout_{};
  std::deque<FormPart> parts_;
  FormPart rest_;
};

// The record's own columns, the first of every form's table.
std::span<const Column> form_record_columns();
// What every form's table has behind its variables: `_raw`, `_extra`, `_row_hash`.
std::span<const Column> form_last_columns();
// Names, in lower case, that no variable's column may have: those, a destination's service columns, and the one that a split table has.
bool is_own_column(std::string_view folded_name);

}  // namespace imednet::table
