// form_study.h: a study's records, staged as they were read, into one set of typed files a form, and the dimensions they refer to.
//
// Where it stands: StagedStudy, the API's metadata → this (FormStager) → whoever loads.
// Promise: every row of the study's files is in exactly one form's files or counted as left out. What is blinded is judged twice, before
// the
//          study is read and after its files are made: a flag that changed between ends the run.
// Errors:  ExportConfigurationError (config): a form, variable or site that is not there; two variables that would be one column.
//          ExportError (conflict): what is blinded changed meanwhile. ApiError as reading.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "imednet/integrations/layout.h"
#include "pipeline/study_reading.h"
#include "staging/form_stager.h"
#include "table/dimensions.h"

namespace imednet::pipeline {

// The files of one part of a form.
struct FormFiles {
  const table::FormLayout* form = nullptr;
  const table::FormPart* part = nullptr;
  std::vector<staging::StagedFile> files;
  FormRows rows;  // by form key as the records spell it; of a further part none: its rows are those of the first
};

struct DimensionFile {
  std::string name;  // "SITE"
  const table::Layout* layout = nullptr;
  std::vector<staging::StagedFile> files;  // one
};

// Where files go, and what the tables are called. `form_key` is empty for records that name no form.
struct FormFolders {
  std::filesystem::path waiting;  // for what is not written yet
  std::function<std::filesystem::path(const std::string& form_key)> of_form;
  std::function<std::filesystem::path(const std::string& dimension)> of_dimension;
  std::function<std::string(const table::FormLayout& form, std::size_t part)> table_of{};  // without its schema; none: files alone
};

class FormStudy {
 public:
  // Asks the API for forms, variables and sites, and judges the choice by them.
  FormStudy(const ImednetSDK& sdk, std::string study, const integrations::LayoutChoice& choice, const table::NameRule& names = {});

  // Whether tables of that form are looked at anyway.
  bool knows(const std::string& form_key) const;
  // A form of the study, known from elsewhere than the metadata: it gets files also when no record of it comes.
  void add_left(const std::string& form_key);
  // Over as many tables as a destination needs. `there`: a form's tables as they stand.
  void split(const table::TableRoom& room, const std::function<std::vector<table::TableThere>(const table::FormLayout&)>& there);

  // The study's files, which are removed one after the other. Replaces what a former call made.
  void stage(const StagedStudy& staged, std::int64_t batch_size, const FormFolders& folders, const std::stop_token& stop);
  // Throws when the API marks other variables as blinded than it did at the beginning.
  void require_same_blinding() const;

  const std::vector<FormFiles>& forms() const noexcept { return form_files_; }                // by form key, without case; by part
  const std::vector<DimensionFile>& dimensions() const noexcept { return dimension_files_; }  // study first
  // Records of the files, by form.
  FormRows rows() const;
  // The forms that files are made of; more are made of when records without a form, or of one that no metadata names, come.
  std::vector<const table::FormLayout*> wanted() const;
  // What became of variables marked blinded: "left out" or "included"; empty where none is.
  std::string blinding() const;
  // Rows, files, forms, variables and what was left out, in place of what the reading alone came to; of files
  // those count that hold rows of records, each part's, and of rows those of first parts.
  void describe(integrations::ExportReport& report) const;

 private:
  void check_choice();
  void choose_sites();
  table::VariableChoice choice_for(const std::string& folded_form) const;
  bool is_chosen(const table::RecordRow& row) const;
  const table::FormLayout& form_of(const table::RecordRow& row);
  bool is_wanted(const std::string& folded_form) const { return chosen_forms_.empty() || chosen_forms_.contains(folded_form); }
  const table::FormLayout& add_form(const std::string& form_key);
  void report_answers(const table::FormLayout& form, const table::FormCounts& counts, const FormFolders& folders);
  void stage_dimensions(staging::FormStager& stager, const FormFolders& folders);
  std::vector<table::VariableInTable> variables_in_tables(staging::FormStager& stager, const FormFolders& folders) const;

  const ImednetSDK& sdk_;
  std::string study_;
  integrations::LayoutChoice choice_;
  table::NameRule names_;
  std::vector<Form> form_list_;
  std::vector<Variable> variables_;
  std::vector<Site> sites_;
  std::set<std::int64_t> chosen_sites_;
  std::set<std::string, std::less<>> chosen_forms_;                                 // folded
  std::map<std::string, std::unique_ptr<table::FormLayout>, std::less<>> layouts_;  // by folded form key
  bool is_no_form_left_ = false, has_no_form_ = false;  // of records without a form: were some loaded once, are files made of them
  std::vector<FormFiles> form_files_;
  std::vector<DimensionFile> dimension_files_;
  std::vector<integrations::VariableReport> reports_;
  std::int64_t left_out_ = 0, unreadable_ = 0, extra_ = 0;
};

}  // namespace imednet::pipeline
