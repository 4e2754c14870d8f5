// endpoint.h: where Snowflake is reached when the settings do not say.
//
// Source: docs/export-snowflake.md: SNOWFLAKE_HOST, SNOWFLAKE_PORT, SNOWFLAKE_PROTOCOL; docs/sign-in.md: SNOWFLAKE_OCSP.
// Errors: ExportConfigurationError (config): a port or protocol that is none, another word than on and off.
#pragma once

#include <string_view>

#include "imednet/integrations/warehouse.h"

namespace imednet::sinks::snowflake {

// The settings with host, port, protocol and OCSP from the environment, each where it is unset.
integrations::SnowflakeSinkConfig with_endpoint(integrations::SnowflakeSinkConfig config);

// Is that this machine? Then nothing goes over a network, and there is nobody to ask about certificates.
bool is_loopback(std::string_view host);

}  // namespace imednet::sinks::snowflake
