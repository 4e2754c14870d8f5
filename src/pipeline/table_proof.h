// table_proof.h: one study's live rows in a table against the files that say what they should be.
//
// Order:  checksums of all parts in one statement; then, if any part is unclear, the rows of those parts in a second one.
// Errors: as Loader's, FileRows' and FileRowHashes'.
#pragma once

#include "imednet/integrations/verify.h"
#include "pipeline/proof_files.h"
#include "pipeline/proof_plan.h"

namespace imednet::pipeline {

// What is compared: the loader is of the plan's table, and has its columns.
struct ProvenTable {
  sinks::snowflake::ExportRun& run;
  sinks::snowflake::Loader& loader;
  const ledger::StudyPlan& plan;
};

// Fills what `result` counts and names. `ids_kept`: of each kind.
void prove_table(const ProvenTable& table, const Checksums& checksums, ProofFiles& files, std::size_t ids_kept,
                 integrations::VerifiedStudy& result);

}  // namespace imednet::pipeline
