// verify_report.h: how a comparison begins and ends, whatever is compared.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "imednet/integrations/verify.h"
#include "ledger/chain_check.h"

namespace imednet::pipeline {

// Judges manifest and totals; then, if nothing is wrong with them, does `study` for each plan that options.study lets through.
// Throws ExportConfigurationError when there is none of that study.
integrations::VerifyReport verify_each(
    const std::filesystem::path& manifest, std::string_view against, const integrations::VerifyOptions& options,
    const std::function<void(const ledger::StudyPlan&, const ledger::ChainCheck&, integrations::VerifyReport&)>& study);

}  // namespace imednet::pipeline
