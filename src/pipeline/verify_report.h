// verify_report.h: how a comparison begins and ends, whatever is compared.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "imednet/integrations/verify.h"
#include "ledger/chain_check.h"
#include "sinks/study_load.h"

namespace imednet::pipeline {

// Notes when `compare` begins and ends.
integrations::VerifyReport timed(integrations::VerifyReport report, const std::function<void(integrations::VerifyReport&)>& compare);

// By form key; a form that one of the two does not know has none there.
std::vector<integrations::VerifiedForm> verified_forms(const sinks::FormRows& expected, const sinks::FormRows& found);

// Judges manifest and totals; then, if nothing is wrong with them, does `compare` with the plans that options.study lets through, in the
// order of the totals. Throws ExportConfigurationError when there is none of that study.
using Plans = std::vector<const ledger::StudyPlan*>;
integrations::VerifyReport verify_plans(
    const std::filesystem::path& manifest, std::string_view against, const integrations::VerifyOptions& options,
    const std::function<void(const Plans&, const ledger::ChainCheck&, integrations::VerifyReport&)>& compare);

}  // namespace imednet::pipeline
