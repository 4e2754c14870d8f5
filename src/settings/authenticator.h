// authenticator.h: the names of sign-in kinds, ours and those of Snowflake's own clients, as SignIn.
//
// Errors: ExportConfigurationError (config, or unsupported for a kind that is known and not built).
#pragma once

#include <string>
#include <string_view>

#include "imednet/integrations/warehouse.h"

namespace imednet::settings {

// `source` is named in errors, for example "--authenticator". Case does not matter.
integrations::SignIn sign_in_of(std::string_view text, const std::string& source);

}  // namespace imednet::settings
