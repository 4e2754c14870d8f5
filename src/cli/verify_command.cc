// verify_command.cc: `imednet verify MANIFEST`; what it says of other places: verify_places.cc.
#include <fmt/format.h>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <memory>

#include "cli/commands.h"
#include "cli/connection_flags.h"
#include "cli/export_start.h"
#include "cli/progress.h"
#include "cli/verify_text.h"
#include "imednet/errors.h"
#include "imednet/integrations/verify.h"

namespace imednet::cli {
namespace {

using integrations::VerifyReport;

struct VerifyFlags {
  ExportFlags shared;
  std::string manifest, against = "snowflake";
  integrations::VerifyOptions options;
};

void define_verify_flags(CLI::App& command, VerifyFlags& flags) {
  constexpr const char* kWhat = "What is compared";
  command.add_option("MANIFEST", flags.manifest, "The file that an export wrote with --manifest-path; it is only read");
  command
      .add_option("--against", flags.against,
                  "snowflake: the table's rows with what was loaded; files: kept files with what was written; api: the table's rows with "
                  "what iMednet holds now")
      ->check(CLI::IsMember({"snowflake", "files", "api"}))
      ->capture_default_str()
      ->group(kWhat);
  command.add_option("--study", flags.options.study, "This study only; default: every one that the manifest's runs loaded")->group(kWhat);
  command
      .add_option("--local-staging-dir", flags.shared.local_staging_dir,
                  "Folder with kept files: what --against files compares; else they are not fetched from the stage")
      ->group(kWhat);
  define_shared_flags(command, flags.shared);
  define_pace(command, flags.shared);
  command.get_option("--stage")->description("Where staged files lie, in place of the stage that the manifest names");
  command.get_option("--table")->description("Look at this table, in place of the one that the manifest names");
  for (const char* name : {"--no-create-table", "--ledger", "--ledger-schema", "--wait"}) command.get_option(name)->group("");
}

integrations::SnowflakeSinkConfig config_of(const VerifyFlags& flags, const Context& context) {
  integrations::SnowflakeSinkConfig config = flags.shared.config;
  apply_connection(flags.shared.typed, config, "verify", "stage table");
  apply_shared_flags(flags.shared, config);
  wipe_passcode(flags.shared.typed, context);
  // What an environment or a file names is for exports: the manifest knows better, and a flag better still.
  if (!flags.shared.typed.by_setting.contains("stage")) config.stage.clear();
  if (!flags.shared.typed.by_setting.contains("table")) config.table.clear();
  if (!flags.shared.local_staging_dir.empty()) config.local_staging_dir = flags.shared.local_staging_dir;
  config.stop = context.stop;
  return config;
}

VerifyReport compare(const VerifyFlags& flags, const Context& context, Progress& progress) {
  if (flags.against == "files") {
    if (flags.shared.local_staging_dir.empty()) {
      throw errors::ExportConfigurationError(
          "cannot verify files: the folder where exports kept them was not named",
          {.code = errors::ErrorCode::config, .hint = "name it with --local-staging-dir", .origin = {.system = "local"}});
    }
    return integrations::verify_files(flags.manifest, flags.shared.local_staging_dir, flags.options);
  }
  integrations::SnowflakeSinkConfig config = config_of(flags, context);
  config.on_progress = [&progress](const integrations::ExportProgress& now) { progress.show(now); };
  if (flags.against == "api")
    return integrations::verify_api(sdk_for(flags.shared, config, context), flags.manifest, config, flags.options);
  return integrations::verify_snowflake(flags.manifest, config, flags.options);
}

int run_verify(const VerifyFlags& flags, const Context& context) {
  apply_log_level(flags.shared);
  Progress progress(progress_kind(flags.shared));
  const VerifyReport report = compare(flags, context, progress);
  progress.finish();
  return tell_verified(report, flags.shared, flags.against == "files" ? flags.shared.local_staging_dir : "");
}

}  // namespace

void add_verify(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("verify", "Prove that what exports loaded is still there, as it was");
  command->footer(
      "First the manifest and its run totals, then files, table or API. Records are named by id alone; nothing is written.\n"
      "Without a manifest: the commands below. A manifest called as one of them is named with its folder: ./sql\n"
      "Exit codes: 0 no difference, 15 a difference, 2 usage, 11 sign-in, 12 iMednet, 13 Snowflake.");
  auto flags = std::make_shared<VerifyFlags>();
  define_verify_flags(*command, *flags);
  add_verify_places(*command, chosen);
  command->callback([command, flags, &chosen] {
    if (!command->get_subcommands().empty()) return;
    if (flags->manifest.empty()) throw CLI::RequiredError("MANIFEST");
    chosen = answering_failures([flags](const Context& context) { return run_verify(*flags, context); },
                                std::shared_ptr<const ExportFlags>(flags, &flags->shared),
                                [flags] {
                                  return std::vector<JsonMember>{{"manifest", flags->manifest}};
                                });
  });
}

}  // namespace imednet::cli
