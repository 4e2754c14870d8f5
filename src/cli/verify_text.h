// verify_text.h: what a comparison came to, as the commands say it.
#pragma once

#include <string>

#include "cli/export_flags.h"
#include "imednet/integrations/verify.h"

namespace imednet::cli {

// Warnings, then the report as text or JSON; the exit code. `folder`: where kept files were looked at; empty: the tables were.
int tell_verified(const integrations::VerifyReport& report, const ExportFlags& flags, const std::string& folder = {});

}  // namespace imednet::cli
