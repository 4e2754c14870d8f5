// replay_command.cc: `imednet replay MANIFEST`.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/export_start.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "imednet/integrations/replay.h"

namespace imednet::cli {
namespace {

struct ReplayFlags {
  ExportFlags shared;
  std::string manifest;
  integrations::ReplayOptions options;
};

void define_replay_flags(CLI::App& command, ReplayFlags& flags) {
  constexpr const char* kFiles = "Files";
  command.add_option("MANIFEST", flags.manifest, "The file that an export wrote with --manifest-path; it is only read")->required();
  define_shared_flags(command, flags.shared);
  command.get_option("--stage")->description("Where the files lie, in place of the stage that each line names");
  command.get_option("--table")->description("Load into this table, in place of the one that each line names");
  command.add_flag("--allow-duplicates", flags.shared.config.allow_duplicates, "Load although rows would stand twice")->group("Loading");
  command.add_option("--run", flags.options.run_id, "Load that run's files only; its id stands in the manifest")
      ->check(CLI::Validator([](std::string& id) { return id.empty() ? "it is empty" : ""; }, "RUN_ID"))
      ->group(kFiles);
  command
      .add_option("--local-staging-dir", flags.shared.local_staging_dir,
                  "Folder with kept files: one with the right name and SHA-256 is not fetched from the stage")
      ->group(kFiles);
  command.add_option("--manifest-path", flags.shared.manifest_path, "Append a JSON line for every loaded batch to this other file")
      ->group(kFiles);
}

integrations::SnowflakeSinkConfig config_of(const ReplayFlags& flags) {
  integrations::SnowflakeSinkConfig config = flags.shared.config;
  apply_connection(flags.shared.typed, config, "replay", "stage table");
  apply_shared_flags(flags.shared, config);
  // What an environment or a file names is for exports: the lines know better, and a flag better still.
  if (!flags.shared.typed.by_setting.contains("stage")) config.stage.clear();
  if (!flags.shared.typed.by_setting.contains("table")) config.table.clear();
  if (!flags.shared.manifest_path.empty()) config.manifest_path = flags.shared.manifest_path;
  if (!flags.shared.local_staging_dir.empty()) config.local_staging_dir = flags.shared.local_staging_dir;
  return config;
}

void print_notes(const integrations::ReplayReport& report, const ExportFlags& flags) {
  if (flags.quiet) return;
  for (const std::string& warning : report.warnings) say("imednet: warning: {}\n", warning);
  if (flags.output == "json") return;
  for (const integrations::ReplayedStudy& study : report.studies) {
    say("{}: {} files; {} rows loaded, {} skipped; {} rows of the study in {}\n", study.study, study.batch_reports.size(),
        study.rows_loaded, study.rows_skipped, study.rows_in_target, study.table);
  }
  say("{} files kept here, {} fetched from the stage ({} bytes); {:.1f} s\n", report.files_kept, report.files_fetched, report.bytes_fetched,
      report.seconds);
}

int run_replay(const ReplayFlags& flags, const Context& context) {
  apply_log_level(flags.shared);
  integrations::SnowflakeSinkConfig config = config_of(flags);
  wipe_passcode(flags.shared.typed, context);
  config.stop = context.stop;
  Progress progress(progress_kind(flags.shared));
  config.on_progress = [&progress](const integrations::ExportProgress& now) { progress.show(now); };
  const integrations::ReplayReport report = integrations::replay_to_snowflake(flags.manifest, config, flags.options);
  progress.finish();
  print_notes(report, flags.shared);
  write_out(flags.shared.output == "json" ? integrations::to_json(report, 0) + "\n" : fmt::format("Loaded {} rows\n", report.rows_loaded));
  flush_out();
  return 0;
}

}  // namespace

void add_replay(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("replay", "Load files again that exports kept or staged, as their manifest names them");
  command->footer(
      "Every file is compared with the manifest's SHA-256 before anything is loaded; one that is in already is not loaded again.\n"
      "Exit codes: 0 loaded or in already, 2 usage, 3 a file is another one, 10 locked, 11 sign-in, 13 Snowflake, 14 in doubt, 15 counts "
      "differ.");
  auto flags = std::make_shared<ReplayFlags>();
  define_replay_flags(*command, *flags);
  command->callback([flags, &chosen] {
    chosen = answering_failures([flags](const Context& context) { return run_replay(*flags, context); },
                                std::shared_ptr<const ExportFlags>(flags, &flags->shared),
                                [flags] {
                                  return std::vector<JsonMember>{{"manifest", flags->manifest}};
                                });
  });
}

}  // namespace imednet::cli
