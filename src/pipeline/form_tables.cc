#include "pipeline/form_tables.h"

#include <fmt/format.h>

#include <map>

namespace imednet::pipeline {

std::string table_suffix(const table::FormLayout& form) { return form.form_key().empty() ? "_NO_FORM" : form.form_key(); }
std::string table_suffix(std::string_view dimension) { return "DIM_" + std::string(dimension); }

void require_own_tables(const FormStudy& forms, const std::string& study,
                        const std::function<std::string(const std::string& suffix)>& name_of) {
  std::map<std::string, std::string> owners;  // folded table name -> whose it is
  for (const std::string_view dimension : table::kDimensions)
    owners[table::folded(name_of(table_suffix(dimension)))] = fmt::format("dimension {}", dimension);
  for (const table::FormLayout* form : forms.wanted()) {
    const std::string name = name_of(table_suffix(*form));
    const auto [owner, is_new] = owners.emplace(table::folded(name), fmt::format("form {}", form->form_key()));
    if (is_new) continue;
    throw errors::ExportConfigurationError(
        fmt::format("cannot export study {}: form {} would have the table {}, and so would {}", study, form->form_key(), name,
                    owner->second),
        {.code = errors::ErrorCode::config, .hint = "name another table, or choose forms with --forms", .origin = {.system = "local"}});
  }
}

}  // namespace imednet::pipeline
