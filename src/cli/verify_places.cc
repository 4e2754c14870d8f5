// verify_places.cc: `imednet verify duckdb …` and `imednet verify sql …`: what stands there against what iMednet holds now.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/commands.h"
#include "cli/table_start.h"
#include "cli/verify_text.h"

namespace imednet::cli {
namespace {

using integrations::VerifyReport;

int verify_duckdb_file(ExportFlags& flags, const Context& context) {
  const auto verify = [&](const ImednetSDK& sdk, integrations::TableLoad load) {
    return integrations::verify_duckdb(sdk, flags.study, duckdb_config(flags, std::move(load)));
  };
  return tell_verified(with_table_load(flags, context, verify), flags);
}

int verify_address(ExportFlags& flags, const Context& context) {
  const auto verify = [&](const ImednetSDK& sdk, integrations::TableLoad load) {
    return integrations::verify_sql(sdk, flags.study, sql_config(flags, context, std::move(load)));
  };
  return tell_verified(with_table_load(flags, context, verify), flags);
}

int verify_parquet_folder(ExportFlags& flags, const Context& context) {
  if (flags.against == "files") return tell_verified(integrations::verify_parquet_files(flags.study, flags.local_staging_dir), flags);
  apply_log_level(flags);
  apply_shared_flags(flags, flags.config);
  Progress progress(progress_kind(flags));
  integrations::ParquetConfig config = to_parquet_config(flags);
  config.stop = context.stop;
  config.on_progress = [&progress](const integrations::ExportProgress& now) { progress.show(now); };
  const VerifyReport report = integrations::verify_parquet(sdk_for(flags, flags.config, context), flags.study, config);
  progress.finish();
  return tell_verified(report, flags);
}

void define_verify_duckdb(CLI::App& command, ExportFlags& flags) { define_place_flags(command, flags, kDuckDbPlace); }
void define_verify_sql(CLI::App& command, ExportFlags& flags) { define_place_flags(command, flags, kSqlPlace); }

void define_verify_parquet(CLI::App& command, ExportFlags& flags) {
  command
      .add_option("--against", flags.against,
                  "api: files as the manifest says, and their rows with what iMednet holds now; files: the files with the manifest alone")
      ->check(CLI::IsMember({"api", "files"}))
      ->capture_default_str()
      ->group("What is compared");
  define_parquet_flags(command, flags, "Folder that an export made; it is only read");
}

constexpr const char* kVerifyFooter =
    "Layout and choice are those of the export. Records are named by id alone; nothing is written.\n"
    "Exit codes: 0 no difference, 15 a difference, 2 usage, 10 in use by another, 11 sign-in, 12 iMednet, 13 the database.";

}  // namespace

void add_verify_places(CLI::App& group, Command& chosen) {
  CLI::App* duckdb = group.add_subcommand("duckdb", "Prove that a table of a DuckDB file holds what iMednet holds now");
  duckdb->footer(kVerifyFooter);
  bind_export(*duckdb, chosen, define_verify_duckdb, verify_duckdb_file);
  CLI::App* sql = group.add_subcommand("sql", "Prove that a table of SQLite or PostgreSQL holds what iMednet holds now");
  sql->footer(kVerifyFooter);
  bind_export(*sql, chosen, define_verify_sql, verify_address);
  CLI::App* parquet = group.add_subcommand("parquet", "Prove that a folder of Parquet files is whole and holds what iMednet holds now");
  parquet->footer(
      "Layout and choice are those of the export. Records are named by id alone; nothing is written.\n"
      "Exit codes: 0 no difference, 15 a difference, 2 usage, 10 an export replaced it meanwhile, 12 iMednet.");
  bind_export(*parquet, chosen, define_verify_parquet, verify_parquet_folder);
}

}  // namespace imednet::cli
