// form_reports.h: rows of each form, as the API, and the table before and after a run, have them.
#pragma once

#include <vector>

#include "imednet/integrations/warehouse.h"
#include "sinks/study_load.h"

namespace imednet::pipeline {

// By form key; a form that one of the three does not know has none there.
std::vector<integrations::FormReport> form_reports(const sinks::FormRows& read, const sinks::FormRows& before,
                                                   const sinks::FormRows& after);

}  // namespace imednet::pipeline
