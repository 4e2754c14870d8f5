#include "table/form_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <tuple>

#include "imednet/errors.h"
#include "table/outer_columns.h"
#include "table/records_layout.h"

namespace imednet::table {
namespace {

using enum ColumnKind;

// Those of the `records` layout but the answers, with what people look for first.
constexpr std::array<std::string_view, 18> kRecordNames{"study_key",        "site_id",       "subject_key", "subject_id",    "subject_oid",
                                                        "visit_id",         "interval_id",   "form_key",    "form_id",       "record_id",
                                                        "parent_record_id", "record_oid",    "record_type", "record_status", "deleted",
                                                        "date_created",     "date_modified", "keywords"};
constexpr std::array<Column, 3> kLastColumns{{
    {"_raw", json_raw, true, "answers that their columns can't give back, as the exact JSON text"},
    {"_extra", json_raw, true, "answers to no variable of the form, as the exact JSON text"},
    kRowHashColumn,
}};

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();  // where no place is told

ColumnKind column_kind(AnswerKind kind) {
  switch (kind) {
    case AnswerKind::number:
      return real;
    case AnswerKind::flag:
      return boolean;
    case AnswerKind::date:
      return date;
    case AnswerKind::moment:
      return moment;
    default:
      return text;
  }
}

// In use before disabled before deleted, a newer one before an older one.
auto standing(const Variable& variable) {
  return std::tuple(variable.deleted.value_or(false), variable.disabled.value_or(false), -variable.variable_id.value_or(0));
}

// Without U+0000, which no comment takes.
std::string label_of(const Variable& variable) {
  std::string label = variable.label && !variable.label->empty() ? *variable.label : variable.variable_name.value_or("");
  std::erase(label, '\0');
  return label;
}

}  // namespace

std::span<const Column> form_record_columns() {
  static const std::vector<Column> kColumns = [] {
    std::vector<Column> columns;
    columns.reserve(kRecordNames.size());
    for (const std::string_view name : kRecordNames) columns.push_back(*std::ranges::find(records_columns(), name, &Column::name));
    return columns;
  }();
  return kColumns;
}
std::span<const Column> form_last_columns() { return kLastColumns; }

bool is_own_column(std::string_view folded_name) {
  constexpr std::array<std::string_view, 5> kService{"_file", "_run_id", "_loaded_at", "_deleted_at", kRestHash};
  const auto is_among = [&](const auto& columns) { return std::ranges::find(columns, folded_name, &Column::name) != columns.end(); };
  return is_among(form_record_columns()) || is_among(form_last_columns()) || std::ranges::find(kService, folded_name) != kService.end();
}

FormLayout::FormLayout(std::string form_key, std::span<const Variable> variables, const VariableChoice& choice, const NameRule& names)
    : form_key_(std::move(form_key)), columns_(form_record_columns().begin(), form_record_columns().end()) {
  std::map<std::string, const Variable*> best;  // folded name -> the variable that speaks for it
  std::set<std::string, std::less<>> blinded;
  for (const Variable& variable : variables) {
    if (!variable.variable_name || variable.variable_name->empty()) continue;
    const std::string key = folded(*variable.variable_name);
    if (variable.blinded.value_or(false)) blinded.insert(key);
    const Variable*& one = best[key];
    if (one == nullptr || standing(variable) < standing(*one)) one = &variable;
  }
  std::vector<const Variable*> columns;
  for (const auto& [key, variable] : best) {
    const bool is_chosen = !choice.only || choice.only->contains(key);
    if (!is_chosen || (!choice.with_blinded && blinded.contains(key))) {
      by_key_[key] = kLeftOut;
      leaves_answers_out_ = true;
    } else if (core::answer_kind(variable->variable_type.value_or("")) != AnswerKind::none) {
      columns.push_back(variable);
    }
  }
  std::ranges::stable_sort(columns, {}, [](const Variable* variable) {
    return std::tuple(variable->sequence.value_or(kLast), variable->variable_id.value_or(kLast));
  });
  for (const Variable* variable : columns) add(*variable, names);
  columns_.insert(columns_.end(), kLastColumns.begin(), kLastColumns.end());
  layout_ = {kFormsLayout, kFormsLayoutVersion, columns_, "record_id", true};
  split({}, {});
}

void FormLayout::add(const Variable& variable, const NameRule& names) {
  const AnswerKind kind = core::answer_kind(variable.variable_type.value_or(""));
  const std::string& name = *variable.variable_name;
  FormColumn column{.variable = name, .type = variable.variable_type.value_or(""), .kind = kind, .place = columns_.size()};
  add_column(variable, column_name(name, is_own_column, names), column_kind(kind), label_of(variable));
  if (kind == AnswerKind::date || kind == AnswerKind::moment) {
    column.text_place = columns_.size();
    const std::string beside = name + "_text";
    add_column(variable, column_name(beside, is_own_column, names), text, label_of(variable) + " (as entered)");
  }
  by_key_[folded(name)] = form_columns_.size();
  form_columns_.push_back(std::move(column));
}

void FormLayout::add_column(const Variable& variable, std::string name, ColumnKind kind, std::string label) {
  const std::string& variable_name = *variable.variable_name;
  const auto [other, is_new] = by_name_.emplace(folded(name), variable_name);
  if (!is_new || name.find('\0') != std::string::npos) {
    const std::string cause =
        is_new
            ? fmt::format("the name of the variable {} of form {} has U+0000 in it", variable_name.c_str(), form_key_)
            : fmt::format("the variables {} and {} of form {} would both be the column {}", other->second, variable_name, form_key_, name);
    throw errors::ExportConfigurationError("cannot make typed columns: " + cause,
                                           {.code = errors::ErrorCode::config,
                                            .hint = "choose variables with --variables, or use --layout records",
                                            .origin = {.system = "local"}});
  }
  columns_.push_back({keep(std::move(name)), kind, true, keep(std::move(label))});
}

std::size_t FormLayout::find(std::string_view key) const {
  const auto found = by_key_.find(folded(key));
  return found == by_key_.end() ? kUnknown : found->second;
}

}  // namespace imednet::table
