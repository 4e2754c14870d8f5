// export_to.h: the export of a whole study, the same for every place: its reading, its counts, its report and what it leaves in files.
//
// Promise: a report comes back only of a study whose counts agree; of an export that fails the page has what was counted until then.
// Errors:  ApiError as reading; ImednetError io, no_space for page and totals; the destination's own.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/clock.h"
#include "imednet/integrations/warehouse.h"
#include "imednet/sdk.h"
#include "pipeline/study_destination.h"

namespace imednet::pipeline {

// What a run leaves for people and for its next one.
struct ExportTraces {
  const std::optional<std::filesystem::path>& manifest;  // its totals go beside it
  const std::optional<std::filesystem::path>& page;
};

integrations::ExportReport export_to(StudyDestination& place, const ImednetSDK& sdk, std::string_view study_key, const ExportTraces& traces,
                                     core::Clock& clock = core::system_clock());

}  // namespace imednet::pipeline
