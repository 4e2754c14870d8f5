// vanished.h: records that stand in a table and were not shown by a reading.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "imednet/sdk.h"

namespace imednet::pipeline {

// They are gone only when the API says so when asked for them. Throws ApiError (counts_differ) when it has one of them (rising ids).
void require_gone(const ImednetSDK& sdk, const std::string& study, std::span<const std::int64_t> ids);

}  // namespace imednet::pipeline
