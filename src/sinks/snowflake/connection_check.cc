#include "sinks/snowflake/connection_check.h"

#include <fmt/format.h>

#include "sinks/snowflake/sign_in.h"

namespace imednet::sinks::snowflake {
namespace {

void require_set(std::string_view value, std::string_view setting) {
  if (value.find_first_not_of(" \t\r\n") != std::string_view::npos) return;
  throw errors::ExportConfigurationError(fmt::format("cannot connect to Snowflake: the {} is missing", setting),
                                         {.code = errors::ErrorCode::config, .hint = fmt::format("give the {}", setting)});
}

ObjectName ledger_of(const integrations::SnowflakeSinkConfig& config, const Identifier& database, const Identifier& schema) {
  const Identifier name = Identifier::own("IMEDNET_LOADS");
  const ObjectName beside =
      config.table.empty() ? ObjectName(database, schema, name) : ObjectName::parse(config.table, database, schema, "table");
  if (!config.ledger_schema.empty())
    return ObjectName::parse(config.ledger_schema + ".IMEDNET_LOADS", beside.database(), beside.schema(), "ledger schema");
  return {beside.database(), beside.schema(), name};
}

}  // namespace

ConnectionNames check_connection(const integrations::SnowflakeSinkConfig& config) {
  require_set(config.account, "account");
  require_set(config.user, "user");
  check_sign_in(config);
  require_set(config.database, "database");
  require_set(config.schema, "schema");
  require_set(config.warehouse, "warehouse");
  require_set(config.stage, "stage");
  if (!config.role.empty()) Identifier::parse(config.role, "role");
  const Identifier database = Identifier::parse(config.database, "database");
  const Identifier schema = Identifier::parse(config.schema, "schema");
  return {.database = database,
          .schema = schema,
          .warehouse = Identifier::parse(config.warehouse, "warehouse"),
          .directory = StageDirectory(StageDirectory::parse_stage(config.stage, database, schema), config.stage_prefix),
          .ledger = ledger_of(config, database, schema)};
}

}  // namespace imednet::sinks::snowflake
