// doctor_findings.h: what numbers and rules of the other side mean for an export.
#pragma once

#include "db/adbc.h"
#include "pipeline/check_list.h"

namespace imednet::pipeline {

// "3 s ahead of this machine", "2 s behind this machine"; advice from 30 s on.
Finding clock_finding(std::int64_t seconds_ahead, std::string_view consequence);

// `rules`: SHOW PARAMETERS of what keeps data from stages. Of those Snowflake documents, none forbids PUT to an internal stage;
// one that is on still says that stages are watched here.
Finding stage_rules_finding(const db::Answer& rules);

// `limits`: SHOW PARAMETERS of the session's time limits; one that is short cuts off a large COPY.
Finding time_limits_finding(const db::Answer& limits);

}  // namespace imednet::pipeline
