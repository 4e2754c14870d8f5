// plan_command.cc: `imednet plan snowflake|duckdb|sql …`: the export's arguments, and what it would do with them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/export_start.h"
#include "cli/output.h"
#include "cli/table_start.h"
#include "imednet/integrations/plan.h"

namespace imednet::cli {
namespace {

std::string planned_table(const integrations::ExportPlan& plan) {
  if (plan.makes_tables.size() == 1) return "would be made";
  if (plan.makes_table) return fmt::format("would be made: {}", fmt::join(plan.makes_tables, ", "));
  if (!plan.adds_columns.empty()) return fmt::format("would get the columns {}", fmt::join(plan.adds_columns, ", "));
  return fmt::format("{} live rows of the study", plan.rows_in_table);
}

std::string plan_text(const integrations::ExportPlan& plan) {
  std::string text = fmt::format("plan for study {} into {}: {} (mode {})\n", plan.study, plan.table, plan.method, plan.mode);
  if (!plan.since.empty()) text += fmt::format("  since    {}: only records changed then or later would be read\n", plan.since);
  text += fmt::format("  table    {}{}\n", planned_table(plan), plan.makes_ledger ? "; the ledger would be made" : "");
  text += fmt::format("  files    {}: {} in already, {} to load\n", plan.files, plan.files_in, plan.files_to_load);
  text += fmt::format("  records  {}: {} in already, {} to insert, {} to update, {} as they stand\n", plan.rows_read,
                      plan.method == "replace" ? 0 : plan.rows_in, plan.rows_inserted, plan.rows_updated, plan.rows_unchanged);
  text += fmt::format("  vanished {} rows to mark\n", plan.rows_vanished);
  std::size_t width = 4;
  for (const auto& form : plan.forms) width = std::max(width, form.form_key.size());
  text += fmt::format("  {:<{}}  {:>10}  {:>10}\n", "FORM", width, plan.since.empty() ? "IN THE API" : "CHANGED", "IN TABLE");
  for (const auto& form : plan.forms)
    text += fmt::format("  {:<{}}  {:>10}  {:>10}\n", form.form_key, width, form.rows_read, form.rows_before);
  return text + "nothing was written\n";
}

// The exit code: that of what the export would refuse.
int tell_plan(const integrations::ExportPlan& plan, const ExportFlags& flags) {
  for (const std::string& warning : plan.warnings) {
    if (!flags.quiet) say("imednet: warning: {}\n", warning);
  }
  int code = 0;
  try {
    if (plan.refusal) std::rethrow_exception(plan.refusal);
  } catch (const ImednetError& error) {
    code = exit_code_of(error, 0);
    say("imednet: the export would stop here: {}\n", error.what());
    if (!error.hint().empty()) say("hint: {}\n", error.hint());
  }
  write_out(flags.output == "json" ? integrations::to_json(plan, code) + "\n" : plan_text(plan));
  flush_out();
  return code;
}

int run_plan(ExportFlags& flags, const Context& context) {
  integrations::SnowflakeSinkConfig config = start_export(flags, context);
  Progress progress(progress_kind(flags));
  config.on_progress = [&progress](const integrations::ExportProgress& now) { progress.show(now); };
  const integrations::ExportPlan plan = integrations::plan_export_to_snowflake(sdk_for(flags, config, context), flags.study, config);
  progress.finish();
  return tell_plan(plan, flags);
}

int plan_duckdb_file(ExportFlags& flags, const Context& context) {
  const auto plan = [&](const ImednetSDK& sdk, integrations::TableLoad load) {
    return integrations::plan_export_to_duckdb(sdk, flags.study, duckdb_config(flags, std::move(load)));
  };
  return tell_plan(with_table_load(flags, context, plan), flags);
}

int plan_address(ExportFlags& flags, const Context& context) {
  const auto plan = [&](const ImednetSDK& sdk, integrations::TableLoad load) {
    return integrations::plan_export_to_sql(sdk, flags.study, sql_config(flags, context, std::move(load)));
  };
  return tell_plan(with_table_load(flags, context, plan), flags);
}

void define_plan_duckdb(CLI::App& command, ExportFlags& flags) { define_table_flags(command, flags, kDuckDbPlace); }
void define_plan_sql(CLI::App& command, ExportFlags& flags) { define_table_flags(command, flags, kSqlPlace); }

constexpr const char* kPlanFooter =
    "The arguments are those of the export. Nothing is written: no table, no row, no manifest.\n"
    "Exit codes: 0, or the one with which the export would stop before it writes.";

}  // namespace

void add_plan(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("plan", "What an export would do, without doing it");
  group->require_subcommand(1);
  CLI::App* command =
      group->add_subcommand("snowflake", "Read the study, ask the table, and say what an export would load, change and mark");
  command->footer(
      "The arguments are those of `imednet export snowflake`. Nothing is written: no table, no file on the stage, no manifest.\n"
      "Exit codes: 0, or the one with which the export would stop before it writes.");
  bind_export(*command, chosen, define_export_flags, run_plan);
  CLI::App* duckdb = group->add_subcommand("duckdb", "The same for a table of a DuckDB file");
  duckdb->footer(kPlanFooter);
  bind_export(*duckdb, chosen, define_plan_duckdb, plan_duckdb_file);
  CLI::App* sql = group->add_subcommand("sql", "The same for a table of SQLite or PostgreSQL");
  sql->footer(kPlanFooter);
  bind_export(*sql, chosen, define_plan_sql, plan_address);
}

}  // namespace imednet::cli
