#include "pipeline/form_tables.h"

#include <fmt/format.h>

#include <map>

namespace imednet::pipeline {
namespace {

using Owners = std::map<std::string, std::string>;  // folded name -> whose it is

void require_own(const FormStudy& forms, const std::string& study, std::string_view what, Owners owners, const NameOf& name_of) {
  for (const table::FormLayout* form : forms.wanted()) {
    const std::string name = name_of(table_suffix(*form));
    const auto [owner, is_new] = owners.emplace(table::folded(name), fmt::format("form {}", form->form_key()));
    if (is_new) continue;
    throw errors::ExportConfigurationError(
        fmt::format("cannot export study {}: form {} and {} would both have the {} {}", study, form->form_key(), owner->second, what, name),
        {.code = errors::ErrorCode::config, .hint = "name another table, or choose forms with --forms", .origin = {.system = "local"}});
  }
}

}  // namespace

std::string table_suffix(const table::FormLayout& form) { return form.form_key().empty() ? "_NO_FORM" : form.form_key(); }
std::string table_suffix(std::string_view dimension) { return "DIM_" + std::string(dimension); }

void require_own_tables(const FormStudy& forms, const std::string& study, const NameOf& name_of) {
  Owners owners;
  for (const std::string_view dimension : table::kDimensions)
    owners[table::folded(name_of(table_suffix(dimension)))] = fmt::format("the dimension {}", dimension);
  require_own(forms, study, "table", std::move(owners), name_of);
}

void require_own_views(const FormStudy& forms, const std::string& study, const std::string& base, const NameOf& name_of) {
  require_own(forms, study, "view", {{table::folded(base), "the records"}}, name_of);
}

}  // namespace imednet::pipeline
