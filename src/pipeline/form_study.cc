#include "pipeline/form_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "pipeline/form_reports.h"
#include "staging/batch_names.h"
#include "staging/file_rows.h"
#include "staging/parquet_stage.h"
#include "table/row_hash.h"

namespace imednet::pipeline {
namespace {

using errors::ErrorCode;
using table::folded;
using table::FormLayout;

template <class Element>
std::vector<Element> all_of(ResultRange<Element> range) {
  std::vector<Element> elements;
  for (Element& element : range) elements.push_back(std::move(element));
  return elements;
}

[[noreturn]] void refuse_choice(std::string_view flag, std::string_view what, const std::string& name, const std::string& study) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot export study {}: it has no {} {}", study, what, name),
      {.code = ErrorCode::config, .hint = fmt::format("correct {}, or leave it away", flag), .origin = {.system = "local"}});
}

std::string form_of_variable(const Variable& variable) { return folded(variable.form_key.value_or("")); }
std::string name_of_variable(const Variable& variable) { return folded(variable.variable_name.value_or("")); }

bool names(const std::string& folded_choice, const Variable& variable) {
  const std::string name = name_of_variable(variable);
  return folded_choice == name || folded_choice == form_of_variable(variable) + "." + name;
}

// What has to be the same before and after: form and name of each variable that is marked.
std::set<std::string> blinded_of(const std::vector<Variable>& variables) {
  std::set<std::string> marked;
  for (const Variable& variable : variables) {
    if (variable.blinded.value_or(false)) marked.insert(form_of_variable(variable) + "\n" + name_of_variable(variable));
  }
  return marked;
}

void require_all(const FormFiles& made, const FormRows& rows) {
  std::int64_t went_in = 0, in_files = 0;
  for (const auto& [key, count] : rows) went_in += count;
  for (const staging::StagedFile& file : made.files) in_files += file.rows;
  if (in_files == went_in) return;
  throw errors::ExportError(fmt::format("cannot trust the files of form {}: {} records went into them and they hold {}",
                                        made.form->form_key(), went_in, in_files),
                            {.code = ErrorCode::counts_differ, .origin = {.system = "local"}});
}

std::string table_of(const FormFolders& folders, const FormLayout& form, const table::FormColumn& column) {
  return folders.table_of ? folders.table_of(form, column.part) : std::string();
}

}  // namespace

FormStudy::FormStudy(const ImednetSDK& sdk, std::string study, const integrations::LayoutChoice& choice, const table::NameRule& names)
    : sdk_(sdk),
      study_(std::move(study)),
      choice_(choice),
      names_(names),
      form_list_(all_of(sdk.forms().list(study_))),
      variables_(all_of(sdk.variables().list(study_))),
      sites_(all_of(sdk.sites().list(study_))) {
  check_choice();
  choose_sites();
  for (const Form& form : form_list_) add_form(form.form_key.value_or(""));
  for (const Variable& variable : variables_) add_form(variable.form_key.value_or(""));
}

void FormStudy::check_choice() {
  std::set<std::string, std::less<>> keys;
  for (const Form& form : form_list_) keys.insert(folded(form.form_key.value_or("")));
  for (const Variable& variable : variables_) keys.insert(form_of_variable(variable));
  for (const std::string& form : choice_.forms) {
    if (form.empty() || !keys.contains(folded(form))) refuse_choice("--forms", "form", form, study_);
    chosen_forms_.insert(folded(form));
  }
  for (const std::string& name : choice_.variables) {
    const std::string chosen = folded(name);
    if (std::ranges::none_of(variables_, [&](const Variable& variable) { return names(chosen, variable); }))
      refuse_choice("--variables", "variable", name, study_);
  }
}

void FormStudy::choose_sites() {
  for (const std::string& wanted : choice_.sites) {
    bool is_found = false;
    for (const Site& site : sites_) {
      if (!site.site_id || (wanted != std::to_string(*site.site_id) && wanted != site.site_name.value_or(""))) continue;
      chosen_sites_.insert(*site.site_id);
      is_found = true;
    }
    if (!is_found) refuse_choice("--sites", "site", wanted, study_);
  }
}

table::VariableChoice FormStudy::choice_for(const std::string& folded_form) const {
  table::VariableChoice chosen{.with_blinded = choice_.include_blinded};
  if (choice_.variables.empty()) return chosen;
  chosen.only.emplace();
  for (const Variable& variable : variables_) {
    const bool is_one = std::ranges::any_of(choice_.variables, [&](const std::string& name) { return names(folded(name), variable); });
    if (is_one && form_of_variable(variable) == folded_form) chosen.only->insert(name_of_variable(variable));
  }
  return chosen;
}

const FormLayout& FormStudy::add_form(const std::string& form_key) {
  const std::string key = folded(form_key);
  auto& layout = layouts_[key];
  if (layout != nullptr) return *layout;
  std::vector<Variable> own;
  for (const Variable& variable : variables_) {
    if (!key.empty() && form_of_variable(variable) == key) own.push_back(variable);
  }
  layout = std::make_unique<FormLayout>(form_key, own, choice_for(key), names_);
  return *layout;
}

bool FormStudy::knows(const std::string& form_key) const { return form_key.empty() ? has_no_form_ : layouts_.contains(folded(form_key)); }

void FormStudy::add_left(const std::string& form_key) {
  if (form_key.empty()) has_no_form_ = is_no_form_left_ = true;
  add_form(form_key);
}

void FormStudy::split(const table::TableRoom& room, const std::function<std::vector<table::TableThere>(const FormLayout&)>& there) {
  for (const auto& [key, form] : layouts_) {
    if (is_wanted(key)) form->split(room, there(*form));
  }
}

bool FormStudy::is_chosen(const table::RecordRow& row) const {
  if (!chosen_forms_.empty() && !chosen_forms_.contains(folded(row.form_key.value_or("")))) return false;
  return chosen_sites_.empty() || (row.site_id && chosen_sites_.contains(*row.site_id));
}

const FormLayout& FormStudy::form_of(const table::RecordRow& row) {
  const auto found = layouts_.find(folded(row.form_key.value_or("")));
  return found != layouts_.end() ? *found->second : add_form(std::string(row.form_key.value_or("")));
}

std::vector<const FormLayout*> FormStudy::wanted() const {
  std::vector<const FormLayout*> forms;
  for (const auto& [key, form] : layouts_) {
    if (!is_wanted(key) || (key.empty() && !has_no_form_)) continue;
    forms.push_back(form.get());
  }
  return forms;
}

void FormStudy::report_answers(const FormLayout& form, const table::FormCounts& counts, const FormFolders& folders) {
  unreadable_ += counts.unreadable;
  extra_ += counts.extra;
  for (std::size_t i = 0; i < form.columns().size(); ++i) {
    const table::FormColumn& column = form.columns()[i];
    const table::AnswerCounts& answers = counts.columns[i];
    reports_.push_back({form.form_key(), column.variable, table_of(folders, form, column),
                        std::string(form.layout().columns[column.place].name), std::string(core::kind_name(column.kind)), answers.answered,
                        answers.misfits, answers.exact});
  }
}

void FormStudy::stage(const StagedStudy& staged, std::int64_t batch_size, const FormFolders& folders, const std::stop_token& stop) {
  staging::FormStager stager(folders.waiting, study_, batch_size);
  left_out_ = unreadable_ = extra_ = 0;
  has_no_form_ = is_no_form_left_;
  std::map<const FormLayout*, FormRows> rows;
  for (const staging::StagedFile& file : staged.files) {
    for (staging::FileRows source(file.path); source.next();) {
      if (stop.stop_requested()) throw ImednetError("cannot go on: the run was stopped", {.code = ErrorCode::cancelled});
      if (!is_chosen(source.row())) {
        ++left_out_;
        continue;
      }
      const FormLayout& form = form_of(source.row());
      has_no_form_ = has_no_form_ || form.form_key().empty();
      stager.append(form, source.row());
      count_form(rows[&form], source.row().form_key);
    }
    std::filesystem::remove(file.path);
  }
  form_files_.clear();
  reports_.clear();
  for (const FormLayout* form : wanted()) {
    for (const table::FormPart& part : form->parts()) {
      form_files_.push_back({.form = form,
                             .part = &part,
                             .files = stager.finish(*form, part, folders.of_form(form->form_key())),
                             .rows = part.number == 1 ? rows[form] : FormRows()});
      require_all(form_files_.back(), rows[form]);
    }
    report_answers(*form, stager.counts(*form), folders);
  }
  stage_dimensions(stager, folders);
}

std::vector<table::VariableInTable> FormStudy::variables_in_tables(staging::FormStager& stager, const FormFolders& folders) const {
  std::vector<table::VariableInTable> found;
  for (const Variable& variable : variables_) {
    table::VariableInTable one;
    static_cast<Variable&>(one) = variable;
    const auto layout = layouts_.find(form_of_variable(variable));
    const bool has_form = layout != layouts_.end() && is_wanted(layout->first);
    const std::size_t place = has_form ? layout->second->find(variable.variable_name.value_or("")) : FormLayout::kUnknown;
    if (place != FormLayout::kUnknown && place != FormLayout::kLeftOut) {
      const FormLayout& form = *layout->second;
      const table::FormColumn& column = form.columns()[place];
      if (folders.table_of) one.table_name = table_of(folders, form, column);
      one.column_name = std::string(form.layout().columns[column.place].name);
      if (column.text_place) one.text_column_name = std::string(form.layout().columns[*column.text_place].name);
      const std::string& key = stager.counts(form).columns[place].key;
      if (!key.empty()) one.answer_key = key;
    }
    found.push_back(std::move(one));
  }
  return found;
}

void FormStudy::stage_dimensions(staging::FormStager& stager, const FormFolders& folders) {
  std::vector<Study> studies = all_of(sdk_.studies().list());
  std::erase_if(studies, [&](const Study& study) { return study.study_key != study_; });
  std::vector<table::Dimension> dimensions;
  dimensions.push_back(table::dimension_of(study_, std::move(studies)));
  dimensions.push_back(table::dimension_of(study_, sites_));
  dimensions.push_back(table::dimension_of(study_, all_of(sdk_.subjects().list(study_))));
  dimensions.push_back(table::dimension_of(study_, all_of(sdk_.intervals().list(study_))));
  dimensions.push_back(table::dimension_of(study_, all_of(sdk_.visits().list(study_))));
  dimensions.push_back(table::dimension_of(study_, form_list_));
  dimensions.push_back(table::dimension_of(study_, variables_in_tables(stager, folders)));
  dimension_files_.clear();
  for (const table::Dimension& dimension : dimensions) {
    const std::string name(dimension.name);
    staging::BatchFileWriter writer(folders.of_dimension(name), staging::make_batch_id(study_, "dimensions/" + name, 0),
                                    {.study_key = study_, .layout = dimension.layout});
    writer.write(*dimension.rows);
    dimension_files_.push_back({name, dimension.layout, {writer.finish()}});
  }
}

void FormStudy::require_same_blinding() const {
  if (blinded_of(all_of(sdk_.variables().list(study_))) == blinded_of(variables_)) return;
  throw errors::ExportError(fmt::format("cannot export study {}: other variables are marked blinded now than when it was begun", study_),
                            {.code = ErrorCode::conflict,
                             .hint = "run again; nothing was loaded",
                             .retry = errors::RetryClass::backoff,
                             .origin = {.system = "local"}});
}

FormRows FormStudy::rows() const {
  FormRows rows;
  for (const FormFiles& form : form_files_) rows.insert(form.rows.begin(), form.rows.end());
  return rows;
}

std::string FormStudy::blinding() const {
  if (blinded_of(variables_).empty()) return {};
  return choice_.include_blinded ? "included" : "left out";
}

void FormStudy::describe(integrations::ExportReport& report) const {
  report.layout = table::kFormsLayout;
  report.rows_left_out = left_out_;
  report.blinded = blinding();
  report.rows_staged = report.bytes_staged = report.files = 0;
  for (const FormFiles& form : form_files_) {
    for (const staging::StagedFile& file : form.files) {
      if (file.rows == 0) continue;
      ++report.files;
      report.bytes_staged += file.bytes;
      if (form.part->number == 1) report.rows_staged += file.rows;  // a further part's rows are those of the first
    }
  }
  report.batches = report.files;
  report.forms = form_reports(rows(), {}, {});
  report.variables = reports_;
  if (unreadable_ > 0) {
    report.warnings.push_back(
        fmt::format("the answers of {} records are no JSON object: they stand in _raw as they were sent", unreadable_));
  }
  if (extra_ > 0) report.warnings.push_back(fmt::format("{} answers are to no variable of their form: they stand in _extra", extra_));
}

}  // namespace imednet::pipeline
