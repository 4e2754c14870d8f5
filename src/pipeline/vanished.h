// vanished.h: records that stand in a table and were not shown by a reading.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "imednet/integrations/layout.h"
#include "imednet/sdk.h"

namespace imednet::pipeline {

// They are gone only when the API says so when asked for them. Throws ApiError (counts_differ) when it has one of them (rising ids).
// ExportConfigurationError when it has one and sites were chosen: a row of another site is none that vanished.
void require_gone(const ImednetSDK& sdk, const std::string& study, std::span<const std::int64_t> ids,
                  const integrations::LayoutChoice& choice = {});

}  // namespace imednet::pipeline
