// form_stager.h: rows of the `records` layout, form by form, into staged files of typed layouts.
//
// Where it stands: staged files of a study → this (FormBuilder) → staged files of its forms.
// Memory:  of each form at most 500 rows or 256 KiB that are not packed yet; packed ones wait in a file. Of the writer: one form's row
// group. Promise: a form's files follow from its own rows alone: the same rows give the same bytes. Errors:  ExportError as BatchFileWriter
// and FormBuilder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "staging/staged_file.h"
#include "table/form_builder.h"

namespace imednet::staging {

class FormStager {
 public:
  // `waiting`: a folder for the file that packed rows wait in. The forms outlive it.
  FormStager(const std::filesystem::path& waiting, std::string study_key, std::int64_t batch_size);
  ~FormStager();
  FormStager(FormStager&&) noexcept;
  FormStager& operator=(FormStager&&) noexcept;

  // In rising record id, whatever the form.
  void append(const table::FormLayout& form, const table::RecordRow& row);
  // All rows of one of the form's parts as files "<STUDY>/forms/<FORM_KEY>/<n>" (a further part: "<STUDY>/forms-<part>/…"), `batch_size`
  // rows each but the last; one file without rows when there are none.
  std::vector<StagedFile> finish(const table::FormLayout& form, const table::FormPart& part, const std::filesystem::path& directory);
  // How the form's answers fared so far.
  const table::FormCounts& counts(const table::FormLayout& form);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::staging
