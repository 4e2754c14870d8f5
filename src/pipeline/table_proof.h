// table_proof.h: one study's live rows in a table against the files that say what they should be.
//
// Order:  checksums of all parts in one statement; then, if any part is unclear, the rows of those parts in a second one.
// Errors: as Loader's and FileRows'.
#pragma once

#include "imednet/integrations/verify.h"
#include "pipeline/proof_files.h"
#include "pipeline/proof_plan.h"

namespace imednet::pipeline {

// Fills what `result` counts and names. `ids_kept`: of each kind.
void prove_table(sinks::snowflake::ExportRun& run, const ledger::StudyPlan& plan, const Checksums& checksums, ProofFiles& files,
                 std::size_t ids_kept, integrations::VerifiedStudy& result);

}  // namespace imednet::pipeline
