// connection_check.h: what every command that signs in to Snowflake judges before it does.
//
// Errors: ExportConfigurationError (config, invalid_argument) naming the setting; nothing was sent.
#pragma once

#include <string_view>

#include "imednet/integrations/warehouse.h"
#include "sinks/snowflake/identifiers.h"

namespace imednet::sinks::snowflake {

// The names a session and its stage need, as typed identifiers.
struct ConnectionNames {
  Identifier database, schema, warehouse;
  StageDirectory directory;
  ObjectName ledger;  // IMEDNET_LOADS in ledger_schema, else beside the table, else in the session's schema
};

// Throws when a setting is blank; its name is one lower-case word.
void require_setting(std::string_view value, std::string_view setting);

// Account, user, what the kind of sign-in needs, and all names; the table only where one is given.
ConnectionNames check_connection(const integrations::SnowflakeSinkConfig& config);

}  // namespace imednet::sinks::snowflake
