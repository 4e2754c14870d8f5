// run_end.h: what an export that ended well leaves beside its manifest.
#pragma once

#include <filesystem>

#include "imednet/integrations/warehouse.h"

namespace imednet::pipeline {

// Writes <manifest>.run.json: the report, chained to the manifest and to the totals before. Throws ImednetError (io, no_space).
void write_run_end(const std::filesystem::path& manifest, const integrations::ExportReport& report);

}  // namespace imednet::pipeline
