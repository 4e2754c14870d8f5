// table_commands.cc: `imednet export duckdb …` and `imednet export sql …`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "cli/api_flags.h"
#include "cli/commands.h"
#include "cli/export_notes.h"
#include "cli/output.h"
#include "cli/table_start.h"

namespace imednet::cli {
namespace {

using integrations::ExportReport;
using integrations::TableLoad;

void print_notes(const ExportReport& report, const ExportFlags& flags) {
  if (flags.quiet) return;
  for (const std::string& warning : report.warnings) say("imednet: warning: {}\n", warning);
  print_reading_notes(report);
  if (flags.output == "json") return;
  say("read {} records in {} pages; {} rows inserted, {} updated, {} unchanged, {} skipped, {} vanished; {} rows of the study in {}; "
      "{:.1f} s, {:.0f} rows/s\n",
      report.rows_read, report.pages, report.rows_inserted, report.rows_updated, report.rows_unchanged, report.rows_skipped,
      report.rows_vanished, report.rows_in_target, report.table, report.seconds, rows_a_second(report));
  print_views(report);
}

int tell_loaded(const ExportReport& report, const ExportFlags& flags) {
  print_notes(report, flags);
  write_out(flags.output == "json" ? integrations::to_json(report, 0) + "\n" : fmt::format("Loaded {} rows\n", report.rows_loaded));
  flush_out();
  return 0;
}

int run_duckdb(ExportFlags& flags, const Context& context) {
  const auto load = [&](const ImednetSDK& sdk, TableLoad how) {
    return integrations::export_to_duckdb(sdk, flags.study, duckdb_config(flags, std::move(how)));
  };
  return tell_loaded(with_table_load(flags, context, load), flags);
}

int run_sql(ExportFlags& flags, const Context& context) {
  const auto load = [&](const ImednetSDK& sdk, TableLoad how) {
    return integrations::export_to_sql(sdk, flags.study, sql_config(flags, context, std::move(how)));
  };
  return tell_loaded(with_table_load(flags, context, load), flags);
}

void define_duckdb_flags(CLI::App& command, ExportFlags& flags) { define_table_flags(command, flags, kDuckDbPlace); }
void define_sql_flags(CLI::App& command, ExportFlags& flags) { define_table_flags(command, flags, kSqlPlace); }

constexpr const char* kExits =
    "Exit codes: 0 loaded and reconciled, 2 usage, 10 in use by another, 11 sign-in, 12 iMednet API, 13 the database, 14 in doubt, 15 "
    "counts differ.";

}  // namespace

void add_table_exports(CLI::App& group, Command& chosen) {
  CLI::App* duckdb = group.add_subcommand("duckdb", "Load a study into a table of a DuckDB file, in one transaction, and count");
  duckdb->footer(std::string(kKeysNote) + kExits);
  bind_export(*duckdb, chosen, define_duckdb_flags, run_duckdb);
  CLI::App* sql = group.add_subcommand("sql", "Load a study into a table of SQLite or PostgreSQL, in one transaction, and count");
  sql->footer(std::string(kKeysNote) + kExits);
  bind_export(*sql, chosen, define_sql_flags, run_sql);
}

}  // namespace imednet::cli
