// run_end.h: what an export that ended well leaves beside its manifest.
#pragma once

#include <filesystem>
#include <vector>

#include "imednet/integrations/warehouse.h"
#include "ledger/run_totals.h"

namespace imednet::pipeline {

// Writes <manifest>.run.json: the report, chained to the manifest and to the totals before. `typed`: what stands in each typed table; empty
// for the one table of records, which the report tells of. Throws ImednetError (io, no_space).
void write_run_end(const std::filesystem::path& manifest, const integrations::ExportReport& report,
                   std::vector<ledger::StudyPlan> typed = {});

}  // namespace imednet::pipeline
