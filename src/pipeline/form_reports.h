// form_reports.h: rows of each form, as the API, and the table before and after a run, have them.
#pragma once

#include <vector>

#include "imednet/integrations/warehouse.h"
#include "sinks/snowflake/load_plan.h"

namespace imednet::pipeline {

// By form key; a form that one of the three does not know has none there.
std::vector<integrations::FormReport> form_reports(const sinks::snowflake::FormRows& read, const sinks::snowflake::FormRows& before,
                                                   const sinks::snowflake::FormRows& after);

}  // namespace imednet::pipeline
