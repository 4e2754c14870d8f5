// load_ledger.h: IMEDNET_LOADS in the destination: which staged file is in which table, remembered for ever.
//
// Shape:  one row a loaded file; a file is in when (table, its creation time, path, hash) stands there and is not superseded.
// Errors: ExportConfigurationError with the GRANT to ask for when it can't be made or read.
// Source: ADR 0005; docs/formats/imednet-loads.md.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sinks/snowflake/session.h"
#include "sinks/snowflake/target.h"
#include "sinks/study_load.h"

namespace imednet::sinks::snowflake {

class LoadLedger {
 public:
  // `ledger`: nullopt works without one; then nothing is remembered.
  LoadLedger(Session& session, std::optional<ObjectName> ledger, const ObjectName& target)
      : session_(session), ledger_(std::move(ledger)), target_(target) {}

  bool is_used() const noexcept { return ledger_.has_value(); }
  const std::optional<ObjectName>& name() const noexcept { return ledger_; }
  // Makes the table when it is missing.
  void prepare();
  // Whether the table is there; true as well when none is used.
  bool is_there();
  // Files of the study that are in this very table.
  LoadedFiles files_in(const TargetState& target, std::string_view study);
  // Tables that files of the study and of that layout are in, by text, each with the id of one of its batches. None without a ledger.
  std::vector<std::pair<std::string, std::string>> tables_of(std::string_view study, std::string_view layout);
  // At most 1,000 rows a statement.
  void record(std::span<const LedgerEntry> entries);
  // All files of the study, or those with these paths.
  void supersede(std::string_view study, std::string_view run_id);
  void supersede(std::string_view study, std::span<const std::string> paths, std::string_view run_id);

 private:
  Session& session_;
  std::optional<ObjectName> ledger_;
  const ObjectName& target_;
};

}  // namespace imednet::sinks::snowflake
