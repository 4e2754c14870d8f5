// export_command.cc: `imednet export snowflake …` and `imednet export parquet …`.
#include <fmt/format.h>

#include <cstdio>

#include "cli/api_flags.h"
#include "cli/commands.h"
#include "cli/export_notes.h"
#include "cli/export_start.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "imednet/integrations/parquet.h"

namespace imednet::cli {
namespace {

void print_notes(const integrations::ExportReport& report, const ExportFlags& flags, const integrations::SnowflakeSinkConfig& config) {
  if (flags.quiet) return;
  for (const std::string& warning : report.warnings) say("imednet: warning: {}\n", warning);
  print_reading_notes(report);
  if (!report.unchanged_since_run.empty())
    say("imednet: note: nothing changed since run {}, so no warehouse was used\n", report.unchanged_since_run);
  if (flags.output == "json") return;
  say("read {} records in {} pages; {} files, {} bytes staged; {} rows skipped; {} rows of the study in {}; {:.1f} s, {:.0f} rows/s\n",
      report.rows_read, report.pages, report.files, report.bytes_staged, report.rows_skipped, report.rows_in_target, report.table,
      report.seconds, rows_a_second(report));
  print_views(report);
  if (report.rows_loaded == 0) return;
  say("the stage keeps its files; to remove this run's:\n");
  for (const std::string& statement : report.cleanup) say("  {}\n", statement);
  std::string_view stage = config.stage;
  if (stage.starts_with('@')) stage.remove_prefix(1);
  say("  (all runs' files below the prefix: REMOVE @{}/{}/;)\n", stage, config.stage_prefix);
}

int run_export(ExportFlags& flags, const Context& context) {
  integrations::SnowflakeSinkConfig config = start_export(flags, context);
  Progress progress(progress_kind(flags));
  config.on_progress = [&progress](const integrations::ExportProgress& now) { progress.show(now); };
  const ImednetSDK sdk = sdk_for(flags, config, context);
  const integrations::ExportReport report = integrations::export_to_snowflake_with_report(sdk, flags.study, config);
  progress.finish();
  print_notes(report, flags, config);
  write_out(flags.output == "json" ? integrations::to_json(report, 0) + "\n" : fmt::format("Loaded {} rows\n", report.rows_loaded));
  flush_out();
  return 0;
}

void print_parquet_notes(const integrations::ExportReport& report, const ExportFlags& flags) {
  if (flags.quiet) return;
  for (const std::string& warning : report.warnings) say("imednet: warning: {}\n", warning);
  print_reading_notes(report);
  if (flags.output == "json") return;
  say("read {} records in {} pages; {} files, {} bytes; {:.1f} s, {:.0f} rows/s\n", report.rows_read, report.pages, report.files,
      report.bytes_staged, report.seconds, rows_a_second(report));
}

int run_parquet(ExportFlags& flags, const Context& context) {
  apply_log_level(flags);
  apply_shared_flags(flags, flags.config);
  Progress progress(progress_kind(flags));
  integrations::ParquetConfig config = to_parquet_config(flags);
  config.stop = context.stop;
  config.on_progress = [&progress](const integrations::ExportProgress& now) { progress.show(now); };
  const integrations::ExportReport report = integrations::export_to_parquet(sdk_for(flags, flags.config, context), flags.study, config);
  progress.finish();
  print_parquet_notes(report, flags);
  write_out(flags.output == "json" ? integrations::to_json(report, 0) + "\n" : fmt::format("Exported {} rows\n", report.rows_staged));
  flush_out();
  return 0;
}

void define_parquet(CLI::App& command, ExportFlags& flags) {
  define_parquet_flags(command, flags, "Folder for the files; made when missing, replaced as a whole when an export made it");
  define_report(command, flags);
}

void add_parquet(CLI::App& group, Command& chosen) {
  CLI::App* command = group.add_subcommand("parquet", "Write a study as Parquet files into a folder, all of them or none");
  command->footer(std::string(kKeysNote) +
                  "Exit codes: 0 written and counted, 2 usage, 3 the folder or the disk, 12 iMednet API, 15 counts differ.");
  bind_export(*command, chosen, define_parquet, run_parquet);
}

}  // namespace

void add_export(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("export", "Take a study into a warehouse or a folder");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand("snowflake", "Stage a study as Parquet, PUT it, COPY it INTO a Snowflake table, and count");
  command->footer(
      std::string(kKeysNote) +
      "Exit codes: 0 loaded and reconciled, 2 usage, 3 bad batch, 10 locked, 11 sign-in, 12 iMednet API, 13 Snowflake, 14 in doubt, 15 "
      "counts differ.");
  bind_export(*command, chosen, define_export_flags, run_export);
  add_table_exports(*group, chosen);
  add_parquet(*group, chosen);
}

}  // namespace imednet::cli
