// report_counts.h: what a reading and a load came to, in the words of a report.
#pragma once

#include <functional>
#include <string>

#include "imednet/integrations/warehouse.h"
#include "pipeline/study_reading.h"
#include "sinks/study_load.h"

namespace imednet::pipeline {

// Everything that was counted until the study lay in files. Forms have the rows read; what a destination holds is not known yet.
void take_reading(integrations::ExportReport& report, const StagedStudy& staged);

// What the destination counted. `path_of`: where a file lies, or what its rows say of it, in the words of the manifest.
void take_result(integrations::ExportReport& report, const sinks::LoadResult& result,
                 const std::function<std::string(const staging::StagedFile&)>& path_of);

}  // namespace imednet::pipeline
