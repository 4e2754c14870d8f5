// layout_flags.h: which shape a study gets, and what of it comes along.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "imednet/integrations/layout.h"

namespace imednet::cli {

// `name`: the layout as typed.
void define_layout(CLI::App& command, integrations::LayoutChoice& choice, std::string& name);
// For destinations that can have typed views over a table of records.
void define_views(CLI::App& command, integrations::LayoutChoice& choice);

// Throws ExportConfigurationError for a choice that the layout does not have.
integrations::LayoutChoice to_layout(integrations::LayoutChoice choice, std::string_view name);

}  // namespace imednet::cli
