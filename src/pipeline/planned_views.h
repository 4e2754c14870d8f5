// planned_views.h: the typed views that a study's metadata asks for over a table of records, whatever makes them.
//
// Errors: as FormStudy; ExportConfigurationError (config) for two forms with one view.
// Source: docs/formats/views.md; ADR 0034.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "pipeline/form_names.h"
#include "pipeline/form_study.h"
#include "table/form_view.h"

namespace imednet::pipeline {

class PlannedViews {
 public:
  // Asks the API for forms and variables. `base`: the table's name; `name_of`: a view's, by its suffix.
  PlannedViews(const ImednetSDK& sdk, const std::string& study, const integrations::LayoutChoice& choice, const table::NameRule& names,
               const std::string& base, const NameOf& name_of);

  // Suffix and view of each form that the metadata names.
  const std::deque<std::pair<std::string, table::FormView>>& views() const noexcept { return views_; }
  const FormStudy& metadata() const noexcept { return metadata_; }

 private:
  FormStudy metadata_;  // no files are made of it
  std::deque<std::pair<std::string, table::FormView>> views_;
};

}  // namespace imednet::pipeline
