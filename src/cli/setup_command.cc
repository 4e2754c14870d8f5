// setup_command.cc: `imednet setup snowflake --print-sql`.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <memory>

#include "cli/commands.h"
#include "cli/output.h"
#include "sinks/snowflake/public_key.h"
#include "sinks/snowflake/setup_statements.h"

namespace imednet::cli {
namespace {

using sinks::snowflake::Identifier;
using sinks::snowflake::ObjectName;

struct SetupFlags {
  std::string database = "IMEDNET_DB", schema = "PUBLIC", warehouse = "COMPUTE_WH", stage = "MY_STAGE", table = "RECORDS",
              role = "EXPORTER", user = "LOADER", public_key;
  bool print_sql = false;
};

int print_setup(const SetupFlags& flags) {
  const Identifier database = Identifier::parse(flags.database, "database");
  const Identifier schema = Identifier::parse(flags.schema, "schema");
  const ObjectName table = ObjectName::parse(flags.table, database, schema, "table");
  sinks::snowflake::SetupNames names{
      .database = database,
      .schema = schema,
      .warehouse = Identifier::parse(flags.warehouse, "warehouse"),
      .role = Identifier::parse(flags.role, "role"),
      .user = Identifier::parse(flags.user, "user"),
      .stage = sinks::snowflake::StageDirectory::parse_stage(flags.stage, database, schema),
      .table = table,
      .ledger = ObjectName(table.database(), table.schema(), Identifier::own("IMEDNET_LOADS")),
      .public_key = {},
  };
  if (!flags.public_key.empty()) names.public_key = sinks::snowflake::public_key_text(flags.public_key);
  write_out(sinks::snowflake::setup_script(sinks::snowflake::setup_statements(names)));
  flush_out();
  return 0;
}

}  // namespace

void add_setup(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("setup", "What has to be there before the first load");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand("snowflake", "Print the SQL that makes warehouse, database, stage, role, user and grants");
  auto flags = std::make_shared<SetupFlags>();
  command->add_flag("--print-sql", flags->print_sql, "Print the statements, each with why; nothing is sent anywhere")->required();
  command->add_option("--database", flags->database, "Database")->capture_default_str();
  command->add_option("--schema", flags->schema, "Schema")->capture_default_str();
  command->add_option("--warehouse", flags->warehouse, "Warehouse")->capture_default_str();
  command->add_option("--stage", flags->stage, "Stage, one to three dotted parts")->capture_default_str();
  command->add_option("--table", flags->table, "Target table, one to three dotted parts")->capture_default_str();
  command->add_option("--role", flags->role, "Role of the exports")->capture_default_str();
  command->add_option("--user", flags->user, "Service user of the exports")->capture_default_str();
  command->add_option("--public-key", flags->public_key, "File with the user's public key (PEM)");
  command->callback([flags, &chosen] { chosen = [flags](const Context&) { return print_setup(*flags); }; });
}

}  // namespace imednet::cli
