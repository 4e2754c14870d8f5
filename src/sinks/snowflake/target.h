// target.h: the table rows go to: is it there, does it have the columns, which table is it (a recreated one is another).
//
// Errors: ExportConfigurationError: not_found (missing and not to be made), schema_mismatch (a table of another layout, columns of another
// type, NOT NULL
//         columns we do not fill) with the ALTER to run, permission_denied with the GRANT to ask for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sinks/snowflake/session.h"

namespace imednet::sinks::snowflake {

struct TargetState {
  std::string created;  // the catalog's creation time of the table, as text: with the name it says which table it is
};

// The catalog's creation time of that very table; nullopt: it is not there, or this role may not see it.
std::optional<std::string> creation_time(Session& session, const ObjectName& table);

// Makes the table when it is missing and `config` allows it, adds missing nullable columns unless it says not to, and
// compares the others.
TargetState prepare_target(Session& session, const ObjectName& table, const TableShape& shape,
                           const integrations::SnowflakeSinkConfig& config);

// The columns that an existing table has not; throws schema_mismatch when those it has can't be filled.
std::vector<TargetColumn> missing_columns(Session& session, const ObjectName& table, const TableShape& shape);

// Those of them that an export would add: schema_mismatch when it may not. not_found for a table it may not make.
std::vector<TargetColumn> columns_to_add(Session& session, const ObjectName& table, const TableShape& shape,
                                         const integrations::SnowflakeSinkConfig& config);
void require_may_create(const ObjectName& table, const integrations::SnowflakeSinkConfig& config);

// "GRANT CREATE TABLE ON SCHEMA … TO ROLE <role>": what a role lacks that may not make this table.
std::string grant_to_create(const ObjectName& table);

// The parts of check_context, each alone. `context`: the answer to current_context().
void require_warehouse(const db::Answer& context, const integrations::SnowflakeSinkConfig& config);
void require_database(const db::Answer& context, const integrations::SnowflakeSinkConfig& config);
void require_schema(const db::Answer& context, const integrations::SnowflakeSinkConfig& config);
void require_internal_stage(Session& session, const ObjectName& stage);

// Checks at connect, nothing written: warehouse, database and schema in use, stage there and internal.
void check_context(Session& session, const integrations::SnowflakeSinkConfig& config, const ObjectName& stage);

}  // namespace imednet::sinks::snowflake
