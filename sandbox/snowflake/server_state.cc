#include "server_state.h"

#include "engine_macros.h"
#include "load_history.h"

namespace imednet::sandbox::snowflake {

namespace {

std::filesystem::path made(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  return directory;
}

}  // namespace

ServerState::ServerState(SnowflakeServerOptions server_options)
    : options(std::move(server_options)),
      catalog(made(options.data_dir) / "catalog.json"),
      stages({options.data_dir, options.stage_kind, options.stage_key_bits, options.stage_object_max,
              options.allow_faults ? &requests : nullptr},
             clock),
      engine(options.duckdb_library, options.data_dir / "tables.duckdb"),
      grants(options.data_dir / "grants.json", to_upper(options.user)),
      users(options.data_dir / "users.json") {
  prepare_engine();
  prepare_catalog();
}

void ServerState::prepare_engine() {
  const auto connection = engine.connect();
  for (const std::string& macro : engine_macros()) connection->run(macro);
  for (const std::string& statement : create_load_history_sql()) connection->run(statement);
  // Temporary tables of the last run are gone, and what they had loaded with them.
  std::string kept = "-1";
  for (const TableDefinition& table : catalog.tables("")) kept += ", " + std::to_string(table.id);
  connection->run("DELETE FROM main.sandbox_load_history WHERE table_id NOT IN (" + kept + ")");
}

void ServerState::prepare_catalog() {
  const int64_t now = clock.now_us();
  const std::string database = to_upper(options.database);
  const std::string schema = to_upper(options.schema);
  if (!catalog.has_database(database)) catalog.put_database({database, "", now});
  for (const std::string& name : {std::string("PUBLIC"), schema}) {
    if (!catalog.has_schema(database, name)) catalog.put_schema({database, name, "", now});
  }
  const std::string warehouse = to_upper(options.warehouse);
  if (!catalog.has_warehouse(warehouse)) catalog.put_warehouse({.name = warehouse, .created_us = now});
  const ObjectName stage{database, schema, to_upper(options.stage)};
  if (!stage.name.empty() && !catalog.find_stage(stage, "")) catalog.put_stage({catalog.new_id(), stage, "", "", now});
}

}  // namespace imednet::sandbox::snowflake
