// table_start.h: what export, plan and verify of a table of DuckDB, SQLite or PostgreSQL begin with.
#pragma once

#include <utility>

#include "cli/export_start.h"
#include "cli/progress.h"
#include "imednet/integrations/sql.h"

namespace imednet::cli {

// What `work` comes to; flags are applied before it, and progress is shown while it runs.
template <class Work>
auto with_table_load(ExportFlags& flags, const Context& context, Work&& work) {
  apply_log_level(flags);
  apply_shared_flags(flags, flags.config);
  Progress progress(progress_kind(flags));
  integrations::TableLoad load = to_table_load(flags);
  load.stop = context.stop;
  load.on_progress = [&progress](const integrations::ExportProgress& now) { progress.show(now); };
  auto result = std::forward<Work>(work)(sdk_for(flags, flags.config, context), std::move(load));
  progress.finish();
  return result;
}

// The table that was named.
integrations::DuckDbConfig duckdb_config(const ExportFlags& flags, integrations::TableLoad load);
integrations::SqlConfig sql_config(const ExportFlags& flags, const Context& context, integrations::TableLoad load);

}  // namespace imednet::cli
