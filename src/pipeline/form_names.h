// form_names.h: what the tables of a study in the `forms` layout are called, behind the name of the table that was named and "_".
//
// Errors: ExportConfigurationError (config) when a form's table or view would be another's.
// Source: docs/formats/forms-layout.md ("Names").
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "pipeline/form_study.h"

namespace imednet::pipeline {

// A form's key; "_NO_FORM" for records that name none. Of a dimension: "DIM_SITE".
std::string form_suffix(const std::string& form_key);
std::string dimension_suffix(std::string_view dimension);

// `name_of`: the table with that suffix. Names are compared without case: folded ones, each with who has it.
using NameOf = std::function<std::string(const std::string& suffix)>;
using Owners = std::map<std::string, std::string, std::less<>>;
Owners require_own_tables(const FormStudy& forms, const std::string& study, const NameOf& name_of);
// The same of views over the table `base`.
void require_own_views(const FormStudy& forms, const std::string& study, const std::string& base, const NameOf& name_of);

// Views are over the one table of records, and show all of its sites: ExportConfigurationError (config) for another choice.
void require_views_fit(const integrations::LayoutChoice& choice);

// What is said of two that would have one `what`, "table" or "view".
[[noreturn]] void refuse_shared(const std::string& study, const std::string& one, const std::string& other, std::string_view what,
                                const std::string& name);

}  // namespace imednet::pipeline
