#include "cli/layout_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "imednet/errors.h"

namespace imednet::cli {
namespace {

constexpr const char* kLayout = "Layout";

}  // namespace

void define_layout(CLI::App& command, integrations::LayoutChoice& choice, std::string& name) {
  command.add_option("--layout", name, "records: one row a record, answers in one column; forms: one typed table a form")
      ->check(CLI::IsMember({"records", "forms"}))
      ->capture_default_str()
      ->group(kLayout);
  const auto list = [&](const char* flag, std::vector<std::string>& values, const char* help) {
    command.add_option(flag, values, help)->delimiter(',')->group(kLayout)->type_name("TEXT,...");
  };
  list("--forms", choice.forms, "Typed tables or views: only these forms, by key (default: all)");
  list("--variables", choice.variables, "Typed tables or views: only these variables, by name or FORM.NAME (default: all)");
  list("--sites", choice.sites, "Layout forms: only records of these sites, by id or name (default: all)");
  command.add_flag("--include-blinded", choice.include_blinded, "Typed tables or views: variables marked blinded as well")->group(kLayout);
}

void define_views(CLI::App& command, integrations::LayoutChoice& choice) {
  command.add_flag("--views", choice.views, "Layout records: over the table a typed view a form, TABLE_<form key>")->group(kLayout);
}

integrations::LayoutChoice to_layout(integrations::LayoutChoice choice, std::string_view name) {
  if (name == "forms") {
    choice.name = integrations::LayoutName::forms;
  } else if (choice.views) {
    return choice;
  } else if (!choice.forms.empty() || !choice.variables.empty() || !choice.sites.empty() || choice.include_blinded) {
    throw errors::ExportConfigurationError(
        "cannot export: --forms, --variables, --sites and --include-blinded choose from typed tables, and the layout is records",
        {.code = errors::ErrorCode::config, .hint = "add --layout forms, or --views where there are views, or leave them away"});
  }
  return choice;
}

}  // namespace imednet::cli
