// export_flags.h: what was typed after `imednet export snowflake`: every flag is defined here, once.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "cli/progress.h"
#include "imednet/integrations/layout.h"
#include "imednet/integrations/parquet.h"
#include "imednet/integrations/sql.h"
#include "imednet/integrations/warehouse.h"
#include "settings/snowflake_settings.h"

namespace imednet::cli {

// As typed; nothing is looked up or asked for yet.
struct ExportFlags {
  std::string study, password;
  settings::Typed typed;  // the connection's flags; which settings there are: settings/snowflake_keys.cc
  integrations::SnowflakeSinkConfig config;
  std::string report, manifest_path, local_staging_dir, state_dir, mode = "auto", stage_layout = "content", ledger = "on",
                                                                   schema_changes = "evolve", output = "text", progress = "auto", rate,
                                                                   rate_file;
  double retry_backoff_s = 1.0;
  int login_timeout_s = 30, statement_timeout_s = 0, queue_timeout_s = 0, wait_s = 0;
  integrations::LayoutChoice layout;
  std::string layout_name = "records";
  std::string place;            // of `export duckdb` and `export sql`: file or address
  std::string against = "api";  // of `verify parquet`: what a folder is compared with
  bool force_reload = false, no_create_table = false, quiet = false, verbose = false;
};

// Adds positions and options to `command`, bound to `flags`.
void define_export_flags(CLI::App& command, ExportFlags& flags);

// Those of `export parquet`, its own positions among them. `help`: of the folder.
void define_parquet_flags(CLI::App& command, ExportFlags& flags, const char* help);

// The last position of commands for a table in a database.
struct PlaceText {
  const char* name;
  const char* help;
};
inline constexpr PlaceText kDuckDbPlace{"PATH", "DuckDB file"};
inline constexpr PlaceText kSqlPlace{"URI",
                                     "sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host:port/database; '-' takes "
                                     "$IMEDNET_SQL_URI (or the file in $IMEDNET_SQL_URI_FILE)"};

// What such commands have in common: study, table, place, layout, pace, retries, output.
void define_place_flags(CLI::App& command, ExportFlags& flags, const PlaceText& place);
// Those of `export duckdb` and `export sql`.
void define_table_flags(CLI::App& command, ExportFlags& flags, const PlaceText& place);
integrations::TableLoad to_table_load(const ExportFlags& flags);
integrations::ParquetConfig to_parquet_config(const ExportFlags& flags);

// Those of them that every command which loads has: connection, limits, destination, retries, output.
void define_shared_flags(CLI::App& command, ExportFlags& flags);
// The page for people.
void define_report(CLI::App& command, ExportFlags& flags);
// How fast and how wide the API is asked.
void define_pace(CLI::App& command, ExportFlags& flags);
void apply_shared_flags(const ExportFlags& flags, integrations::SnowflakeSinkConfig& config);

Progress::Kind progress_kind(const ExportFlags& flags);
void apply_log_level(const ExportFlags& flags);

// What the flags mean: environment and password looked up, texts turned to values. Throws ExportConfigurationError, and
// ConfigurationError for a secret that is set twice or can't be read.
integrations::SnowflakeSinkConfig to_config(const ExportFlags& flags);

}  // namespace imednet::cli
