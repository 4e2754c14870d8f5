// report_counts.h: what a reading came to, in the words of a report.
#pragma once

#include "imednet/integrations/warehouse.h"
#include "pipeline/study_reading.h"

namespace imednet::pipeline {

// Everything that was counted until the study lay in files. Forms have the rows read; what a destination holds is not known yet.
void take_reading(integrations::ExportReport& report, const StagedStudy& staged);

}  // namespace imednet::pipeline
