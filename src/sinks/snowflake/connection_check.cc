#include "sinks/snowflake/connection_check.h"

#include <fmt/format.h>

#include "sinks/snowflake/sign_in.h"

namespace imednet::sinks::snowflake {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

ObjectName ledger_of(const integrations::SnowflakeSinkConfig& config, const Identifier& database, const Identifier& schema) {
  const Identifier name = Identifier::own("IMEDNET_LOADS");
  const ObjectName beside =
      is_blank(config.table) ? ObjectName(database, schema, name) : ObjectName::parse(config.table, database, schema, "table");
  if (config.use_ledger && !config.ledger_schema.empty())
    return ObjectName::parse(config.ledger_schema + ".IMEDNET_LOADS", beside.database(), beside.schema(), "ledger schema");
  return {beside.database(), beside.schema(), name};
}

}  // namespace

void require_setting(std::string_view value, std::string_view setting) {
  if (!is_blank(value)) return;
  std::string variable = "SNOWFLAKE_";
  for (const char c : setting) variable.push_back(static_cast<char>(c - 'a' + 'A'));
  throw errors::ExportConfigurationError(
      fmt::format("cannot connect to Snowflake: the {} is missing", setting),
      {.code = errors::ErrorCode::config, .hint = fmt::format("give the {} (for example from ${})", setting, variable)});
}

ConnectionNames check_connection(const integrations::SnowflakeSinkConfig& config) {
  require_setting(config.account, "account");
  require_setting(config.user, "user");
  check_sign_in(config);
  require_setting(config.database, "database");
  require_setting(config.schema, "schema");
  require_setting(config.warehouse, "warehouse");
  require_setting(config.stage, "stage");
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
