#include "pipeline/form_names.h"

#include <fmt/format.h>

#include <utility>

namespace imednet::pipeline {
namespace {

Owners require_own(const FormStudy& forms, const std::string& study, std::string_view what, Owners owners, const NameOf& name_of) {
  for (const table::FormLayout* form : forms.wanted()) {
    const std::string name = name_of(form_suffix(form->form_key())), own = "form " + form->form_key();
    const auto [owner, is_new] = owners.emplace(table::folded(name), own);
    if (!is_new) refuse_shared(study, own, owner->second, what, name);
  }
  return owners;
}

}  // namespace

std::string form_suffix(const std::string& form_key) { return form_key.empty() ? "_NO_FORM" : form_key; }
std::string dimension_suffix(std::string_view dimension) { return "DIM_" + std::string(dimension); }

void refuse_shared(const std::string& study, const std::string& one, const std::string& other, std::string_view what,
                   const std::string& name) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot export study {}: {} and {} would both have the {} {}", study, one, other, what, name),
      {.code = errors::ErrorCode::config, .hint = "name another table, or choose forms with --forms", .origin = {.system = "local"}});
}

Owners require_own_tables(const FormStudy& forms, const std::string& study, const NameOf& name_of) {
  Owners owners;
  for (const std::string_view dimension : table::kDimensions)
    owners[table::folded(name_of(dimension_suffix(dimension)))] = fmt::format("the dimension {}", dimension);
  return require_own(forms, study, "table", std::move(owners), name_of);
}

void require_views_fit(const integrations::LayoutChoice& choice) {
  const bool has_records = choice.name == integrations::LayoutName::records;
  if (!choice.views || (has_records && choice.sites.empty())) return;
  throw errors::ExportConfigurationError(
      has_records ? "cannot export: views show the records of all sites" : "cannot export: typed tables need no typed views",
      {.code = errors::ErrorCode::config,
       .hint = has_records ? "leave --sites away, or use --layout forms" : "leave --views away, or use --layout records"});
}

void require_own_views(const FormStudy& forms, const std::string& study, const std::string& base, const NameOf& name_of) {
  require_own(forms, study, "view", {{table::folded(base), "the records"}}, name_of);
}

}  // namespace imednet::pipeline
