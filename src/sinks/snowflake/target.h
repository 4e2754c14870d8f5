// target.h: the table rows go to: is it there, does it have the columns, which table is it (a recreated one is another).
//
// Errors: ExportConfigurationError: not_found (missing and not to be made), schema_mismatch (columns of another type, NOT NULL
//         columns we do not fill) with the ALTER to run, permission_denied with the GRANT to ask for.
#pragma once

#include <optional>
#include <string>

#include "sinks/snowflake/session.h"

namespace imednet::sinks::snowflake {

struct TargetState {
  std::string created;  // the catalog's creation time of the table, as text: with the name it says which table it is
};

// The catalog's creation time of that very table; nullopt: it is not there, or this role may not see it.
std::optional<std::string> creation_time(Session& session, const ObjectName& table);

// Makes the table when it is missing and `create` allows it, adds missing nullable columns, and compares the others.
TargetState prepare_target(Session& session, const ObjectName& table, bool create);

// Checks at connect, nothing written: warehouse, database and schema in use, stage there and internal.
void check_context(Session& session, const integrations::SnowflakeSinkConfig& config, const ObjectName& stage);

}  // namespace imednet::sinks::snowflake
