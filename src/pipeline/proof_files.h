// proof_files.h: where the files are that a table is compared with: kept on this machine, or fetched from the stage.
//
// Rule:  a kept copy counts when its SHA-256 is the one its run wrote down, so does one from the stage. Of typed rows also one of other
//        bytes whose rows have the hashes that its run wrote down: a column that came since changes no row. Who reads it computes them
//        anew.
// Disk:  fetched files lie in the run's temporary folder until its end.
// Errors: those of LIST and GET. A file that is nowhere is no error.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "ledger/run_totals.h"
#include "sinks/snowflake/export_run.h"

namespace imednet::pipeline {

class ProofFiles {
 public:
  // `kept`: the folder of kept files, if any. The run outlives this.
  ProofFiles(sinks::snowflake::ExportRun& run, std::optional<std::filesystem::path> kept) : run_(run), kept_(std::move(kept)) {}

  // Takes a file that is on this machine for the batch.
  void add(const std::string& batch_id, std::filesystem::path place) { places_[batch_id] = std::move(place); }
  // nullopt: it is nowhere, or another file has its name.
  std::optional<std::filesystem::path> find(const ledger::PlannedFile& file);

 private:
  std::optional<std::filesystem::path> fetch(const ledger::PlannedFile& file);
  std::filesystem::path new_folder();

  sinks::snowflake::ExportRun& run_;
  std::optional<std::filesystem::path> kept_;
  std::map<std::string, std::filesystem::path> places_;  // by batch id, of add()
  std::optional<std::map<std::string, std::int64_t>> on_stage_;
};

}  // namespace imednet::pipeline
