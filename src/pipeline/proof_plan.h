// proof_plan.h: how a study's table is compared: which part of its ids stands for which file, and which parts differ.
//
// Rule:  each file of the last whole reading stands for the ids behind the file before it, up to its own last one; the last file
//        also for all that follow. A part over which later, partial readings lie has no checksum to compare with.
// Source: ADR 0024.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/run_totals.h"
#include "pipeline/row_comparer.h"
#include "sinks/snowflake/loader.h"

namespace imednet::pipeline {

// Content hash of a file -> checksum of its rows in the table that is compared.
using Checksums = std::map<std::string, std::string, std::less<>>;

struct ProofPart {
  IdsBetween ids;
  const ledger::PlannedFile* file = nullptr;        // null: no record should be there
  std::vector<const ledger::PlannedFile*> later{};  // of partial readings that reach into it, the oldest first
  std::optional<sinks::snowflake::PartSum> sum{};   // of the rows that should be there; nullopt: only the rows themselves can tell
};

// The parts of `plan`, by rising ids; at least one. `plan` outlives them. Throws ExportError (unsupported) when the files of its
// whole reading are not apart.
std::vector<ProofPart> proof_parts(const ledger::StudyPlan& plan, const Checksums& checksums);

// Where each part but the last one ends.
std::vector<std::int64_t> ends_of(const std::vector<ProofPart>& parts);

// The parts that must be compared row by row. `found`: one a part. Where a single record is behind the difference it is named at
// once.
std::vector<const ProofPart*> parts_that_differ(const std::vector<ProofPart>& parts, const std::vector<sinks::snowflake::PartSum>& found,
                                                Differences& differences);

}  // namespace imednet::pipeline
