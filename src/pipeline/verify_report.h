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

// Judges manifest and totals; then, if nothing is wrong with them, does `study` for each plan that options.study lets through.
// Throws ExportConfigurationError when there is none of that study.
integrations::VerifyReport verify_each(
    const std::filesystem::path& manifest, std::string_view against, const integrations::VerifyOptions& options,
    const std::function<void(const ledger::StudyPlan&, const ledger::ChainCheck&, integrations::VerifyReport&)>& study);

}  // namespace imednet::pipeline
