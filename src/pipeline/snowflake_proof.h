// snowflake_proof.h: a session for comparing tables of Snowflake with what they should hold, and the tables as run totals name them.
//
// Owner:   one sign-in at a time, for all tables whose files lie in one directory of a stage.
// Promise: nothing is kept of a comparison, and nothing is written.
// Errors:  as ExportRun, prove_table; ImednetError for totals that name a kind of column that this build does not know.
#pragma once

#include <optional>

#include "imednet/integrations/verify.h"
#include "ledger/chain_check.h"
#include "pipeline/proof_files.h"

namespace imednet::pipeline {

class SnowflakeProof {
 public:
  // Of `config` table and stage stand in place of the plans' own; of typed tables the table is the one that was named. All outlive this.
  SnowflakeProof(const integrations::SnowflakeSinkConfig& config, const integrations::VerifyOptions& options,
                 const ledger::ChainCheck& check, integrations::VerifyReport& report)
      : config_(config), options_(options), check_(check), report_(report) {}

  // Valid until the next call with a plan of another directory.
  sinks::snowflake::ExportRun& run_for(const ledger::StudyPlan& plan);
  // Compares the plan's table with `plan` itself, or with what else it should be, and reports it.
  void prove(const ledger::StudyPlan& plan, const ledger::StudyPlan& expected, ProofFiles& files);
  // The same, without a look: the table can't be compared.
  void report_fault(const ledger::StudyPlan& plan, std::string fault);
  void close();

 private:
  integrations::SnowflakeSinkConfig config_of(const ledger::StudyPlan& plan) const;
  const ledger::PlannedFile* file_near(const ledger::StudyPlan& plan) const;
  sinks::snowflake::ObjectName target_of(const ledger::StudyPlan& plan);

  const integrations::SnowflakeSinkConfig& config_;
  const integrations::VerifyOptions& options_;
  const ledger::ChainCheck& check_;
  integrations::VerifyReport& report_;
  std::optional<sinks::snowflake::ExportRun> run_;
};

}  // namespace imednet::pipeline
