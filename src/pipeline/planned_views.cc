#include "pipeline/planned_views.h"

namespace imednet::pipeline {

PlannedViews::PlannedViews(const ImednetSDK& sdk, const std::string& study, const integrations::LayoutChoice& choice,
                           const table::NameRule& names, const std::string& base, const NameOf& name_of)
    : metadata_(sdk, study, choice, names) {
  require_own_views(metadata_, study, base, name_of);
  for (const table::FormLayout* form : metadata_.wanted()) {
    if (!form->form_key().empty()) views_.emplace_back(form_suffix(form->form_key()), table::view_of(*form));
  }
}

}  // namespace imednet::pipeline
