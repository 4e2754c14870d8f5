#include "cli/table_start.h"

namespace imednet::cli {

integrations::DuckDbConfig duckdb_config(const ExportFlags& flags, integrations::TableLoad load) {
  return {.path = flags.place, .table = flags.config.table, .driver = flags.config.driver, .load = std::move(load)};
}

integrations::SqlConfig sql_config(const ExportFlags& flags, const Context& context, integrations::TableLoad load) {
  return {.uri = resolve_address(flags, context), .table = flags.config.table, .driver = flags.config.driver, .load = std::move(load)};
}

}  // namespace imednet::cli
