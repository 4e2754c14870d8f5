// imednet_settings.h: the settings of the iMednet API, each with its source, for those who ask where a value came from.
//
// The SDK reads the same variables by itself (api/sdk.cc). Nothing is judged here. Source: docs/api.md, Environment.
#pragma once

#include <vector>

#include "settings/setting.h"

namespace imednet::settings {

std::vector<Setting> imednet_settings();

}  // namespace imednet::settings
