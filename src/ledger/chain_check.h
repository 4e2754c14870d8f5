// chain_check.h: whether a manifest and its run totals are what the runs wrote, and belong together.
//
// Errors: ImednetError io when the manifest can't be read; all that is wrong inside is in the answer.
// Source: docs/formats/manifest.md, "Run totals".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ledger/manifest.h"
#include "ledger/run_totals.h"

namespace imednet::ledger {

struct ChainCheck {
  Manifest manifest;
  std::optional<RunTotals> totals;  // nullopt: there are none, or they can't be trusted
  std::vector<std::string> faults;  // for people; each names file and line, run or batch. Empty: the chain is whole
  std::int64_t lines_after = 0;     // lines behind the part that the totals stand for: of a run that did not end well, or goes on
};

ChainCheck check_chain(const std::filesystem::path& manifest);

}  // namespace imednet::ledger
