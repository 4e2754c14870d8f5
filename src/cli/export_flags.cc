#include "cli/export_flags.h"

#include <unistd.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/connection_flags.h"
#include "cli/key_passphrase.h"
#include "cli/layout_flags.h"
#include "cli/terminal.h"
#include "core/environment.h"
#include "core/log.h"
#include "settings/snowflake_keys.h"
#include "sinks/snowflake/sign_in.h"

namespace imednet::cli {
namespace {

using errors::ErrorCode;
using errors::ExportConfigurationError;

constexpr const char* kConnection = "Connection";
constexpr const char* kLoading = "Loading";
constexpr const char* kFiles = "Files";
constexpr const char* kOutput = "Output";
constexpr int kAWeek = 604'800;  // seconds; the most that Snowflake takes

// All of them, or the study alone: then the others come from flags, the environment and a connection.
void check_positions(const std::vector<const CLI::Option*>& positions, ExportFlags& flags) {
  std::size_t given = 0;
  for (const CLI::Option* position : positions) given += position->count() > 0 ? 1 : 0;
  flags.typed.has_positions = given == positions.size();
  if (given == 0) return;
  if (!flags.typed.has_positions) {
    throw CLI::ValidationError("positions",
                               "give STUDY and all of ACCOUNT USER PASSWORD DATABASE SCHEMA WAREHOUSE STAGE TABLE, or STUDY "
                               "alone with --connection or with a flag for each of them");
  }
  if (!flags.typed.connection.empty()) throw CLI::ValidationError("--connection", "it stands in place of the positions after STUDY");
  for (const auto& definition : settings::snowflake_definitions()) {
    if (definition.has_position && flags.typed.by_setting.contains(definition.name))
      throw CLI::ValidationError(std::string(definition.flag), "it is given by position already");
  }
}

void define_positions(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  command.add_option("STUDY", flags.study, "Study key in iMednet, for example MY_STUDY")->required();
  const std::vector<const CLI::Option*> positions = {
      command.add_option("ACCOUNT", config.account, "Snowflake account, as <organisation>-<account>"),
      command.add_option("USER", config.user, "Snowflake user"),
      command.add_option("PASSWORD", flags.password,
                         "Password; '-' takes $SNOWFLAKE_PASSWORD (or the file in $SNOWFLAKE_PASSWORD_FILE), or asks without echo"),
      command.add_option("DATABASE", config.database, "Database; folded to upper case unless \"quoted\""),
      command.add_option("SCHEMA", config.schema, "Schema"),
      command.add_option("WAREHOUSE", config.warehouse, "Warehouse"),
      command.add_option("STAGE", config.stage, "Internal named stage, one to three dotted parts"),
      command.add_option("TABLE", config.table, "Target table, one to three dotted parts")};
  command.parse_complete_callback([positions, &flags] { check_positions(positions, flags); });
}

void define_connection(CLI::App& command, integrations::SnowflakeSinkConfig& config) {
  command.add_option("--query-tag", config.query_tag, "First part of every statement's QUERY_TAG")
      ->capture_default_str()
      ->group(kConnection);
  define_driver(command, config.driver);
}

void define_limits(CLI::App& command, ExportFlags& flags) {
  define_login_timeout(command, flags.login_timeout_s);
  command
      .add_option("--statement-timeout", flags.statement_timeout_s,
                  "Seconds after which Snowflake cancels a statement; 0: as user and warehouse have it")
      ->check(CLI::Range(0, kAWeek))
      ->capture_default_str()
      ->group(kConnection);
  command
      .add_option("--queue-timeout", flags.queue_timeout_s,
                  "Seconds a statement may wait in the warehouse's queue; 0: as user and warehouse have it")
      ->check(CLI::Range(0, kAWeek))
      ->capture_default_str()
      ->group(kConnection);
}

void define_session(CLI::App& command, ExportFlags& flags) {
  define_connection_flags(command, flags.typed);
  define_connection(command, flags.config);
  define_limits(command, flags);
}

void define_mode(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  command
      .add_option("--mode", flags.mode,
                  "auto: the table mirrors the API, by the cheapest way; merge: by study and record id; replace: the study's rows in one "
                  "transaction; append: the literal load, guarded against doubles")
      ->check(CLI::IsMember({"auto", "merge", "replace", "append"}))
      ->capture_default_str()
      ->group(kLoading);
  command
      .add_flag("--force-reload", flags.force_reload,
                "Load every file again (Snowflake: FORCE = TRUE); but for mode append the study's rows are replaced in one transaction")
      ->group(kLoading);
  command.add_flag("--allow-duplicates", config.allow_duplicates, "Mode append: load although rows would stand twice")->group(kLoading);
  command.add_flag("--allow-shrink", config.allow_shrink, "Load although a form, or half of the study, is gone from the API")
      ->group(kLoading);
}

void define_no_create_table(CLI::App& command, ExportFlags& flags) {
  command.add_flag("--no-create-table", flags.no_create_table, "Fail when the table is missing")->group(kLoading);
}

void define_loading(CLI::App& command, ExportFlags& flags) {
  define_mode(command, flags);
  command
      .add_option("--schema-changes", flags.schema_changes,
                  "evolve: add columns the table lacks, never drop or narrow any; freeze: stop instead")
      ->check(CLI::IsMember({"evolve", "freeze"}))
      ->capture_default_str()
      ->group(kLoading);
}

void define_reading(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  command
      .add_option("--since", config.since,
                  "Read what changed since: auto, the last verified run; or a UTC time, 2026-01-31T12:00:00Z (default: read all records)")
      ->group(kLoading);
  command.add_flag("--sweep", config.sweep, "Read all records although --since is given")->group(kLoading);
  command
      .add_option("--sweep-every", config.sweep_every,
                  "With --since auto: read all records after so many runs that read what changed; 0: never for that reason")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str()
      ->group(kLoading);
}

void define_retries(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  command.add_option("--max-retries", config.max_retries, "Tries after the first, of each request and each batch")
      ->check(CLI::Range(0, 100))
      ->capture_default_str()
      ->group(kLoading);
  command.add_option("--retry-backoff", flags.retry_backoff_s, "Seconds; attempt n (from 0) waits this times 2^n")
      ->check(
          CLI::Validator([](std::string& text) { return text.find_first_of("nN") == std::string::npos ? "" : "not a number"; }, "NUMBER"))
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str()
      ->group(kLoading);
}

void define_destination(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  define_no_create_table(command, flags);
  command.add_option("--ledger", flags.ledger, "on, or none: without IMEDNET_LOADS; load history and the table itself must do")
      ->check(CLI::IsMember({"on", "none"}))
      ->capture_default_str()
      ->group(kLoading);
  define_ledger_schema(command, config.ledger_schema, kLoading);
  define_retries(command, flags);
  command.add_option("--wait", flags.wait_s, "Seconds to wait for another run of the same study and table; 0: leave with 10")
      ->check(CLI::Range(0, kAWeek))
      ->capture_default_str()
      ->group(kLoading);
}

void define_batch_size(CLI::App& command, integrations::SnowflakeSinkConfig& config) {
  command.add_option("--batch-size", config.batch_size, "Rows a file")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str()
      ->group(kFiles);
}

void define_kept_files(CLI::App& command, ExportFlags& flags) {
  command.add_option("--manifest-path", flags.manifest_path, "Append a JSON line for every loaded batch to this file")->group(kFiles);
  command
      .add_option("--local-staging-dir", flags.local_staging_dir, "Keep the Parquet files here (default: a temporary directory, removed)")
      ->group(kFiles);
}

void define_files(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  define_stage_prefix(command, config.stage_prefix, kFiles);
  command
      .add_option("--stage-layout", flags.stage_layout, "content: <prefix>/<hash>/<file>; flat: <prefix>/<file>, the guide's literal path")
      ->check(CLI::IsMember({"content", "flat"}))
      ->capture_default_str()
      ->group(kFiles);
  define_batch_size(command, config);
  command.add_option("--uploads", config.uploads, "Files PUT at the same time at most; 0: as many as pay, up to 8")
      ->check(CLI::Range(0, 32))
      ->capture_default_str()
      ->group(kFiles);
  define_kept_files(command, flags);
}

void define_run(CLI::App& command, ExportFlags& flags) {
  command
      .add_option("--state-dir", flags.state_dir,
                  "Keep the runs' state here (default: $XDG_STATE_HOME/imednet, else ~/.local/state/imednet)")
      ->group(kFiles);
  define_report(command, flags);
}

integrations::WriteMode mode_of(std::string_view name) {
  if (name == "merge") return integrations::WriteMode::merge;
  if (name == "replace") return integrations::WriteMode::replace;
  return name == "append" ? integrations::WriteMode::append : integrations::WriteMode::automatic;
}

Secret resolve_password(const std::string& typed) {
  if (typed.empty()) {
    throw ExportConfigurationError(
        "cannot sign in: the password is empty",
        {.code = ErrorCode::config, .hint = "the variable in \"$SNOWFLAKE_PASSWORD\" is probably unset; set it, or give - to be asked"});
  }
  if (typed != "-") return typed;
  if (Secret value = core::secret_environment("SNOWFLAKE_PASSWORD"); !value.empty()) return value;
  return Secret(ask_without_echo("Snowflake password: ", "set SNOWFLAKE_PASSWORD or SNOWFLAKE_PASSWORD_FILE, or run on a terminal"));
}

// A password that was typed wins over a key or token that only lies in the environment.
bool is_typed_password_meant(const ExportFlags& flags, const integrations::SnowflakeSinkConfig& config) {
  const auto& typed = flags.typed.by_setting;
  return !flags.password.empty() && flags.password != "-" && config.sign_in == integrations::SignIn::automatic &&
         !typed.contains("private_key") && !typed.contains("token");
}

// Fills what flags, environment and files say.
void apply_settings(const ExportFlags& flags, integrations::SnowflakeSinkConfig& config) {
  if (!flags.typed.has_positions) {
    apply_connection(flags.typed, config, "export");
    return;
  }
  tell_settings(flags.typed).apply_to(config);
  if (is_typed_password_meant(flags, config)) {
    config.sign_in = config.passcode.empty() ? integrations::SignIn::password : integrations::SignIn::mfa;
  }
  if (needs_password(config)) config.password = resolve_password(flags.password);
  ask_for_passphrase(config);
}

void define_output(CLI::App& command, ExportFlags& flags) {
  command.add_option("--output", flags.output, "text, or json: the whole report")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->group(kOutput);
  command.add_option("--progress", flags.progress, "auto (on a terminal), json (one object a line on stderr), none")
      ->check(CLI::IsMember({"auto", "json", "none"}))
      ->capture_default_str()
      ->group(kOutput);
  command.add_flag("-q,--quiet", flags.quiet, "Nothing but errors and the last line")->group(kOutput);
  command.add_flag("-v,--verbose", flags.verbose, "Say more on stderr")->group(kOutput);
}

}  // namespace

void define_pace(CLI::App& command, ExportFlags& flags) {
  command
      .add_option("--rate", flags.rate,
                  "Requests the API allows: 100/min,1000/h; presumed: that very rate; auto: as fast as it answers, slower when it refuses "
                  "(default: $IMEDNET_RATE, else auto)")
      ->group(kLoading);
  command.add_option("--rate-file", flags.rate_file, "Share the rate with other processes of this machine that name the same file")
      ->group(kLoading);
  command.add_option("--connections", flags.config.connections, "Pages asked for at the same time at most; 0: as many as pay, up to 3")
      ->check(CLI::Range(0, 32))
      ->capture_default_str()
      ->group(kLoading);
}

void define_report(CLI::App& command, ExportFlags& flags) {
  command.add_option("--report", flags.report, "Write a page (HTML) that says what the run did into this file, whatever way it ends")
      ->group(kOutput);
}

void define_shared_flags(CLI::App& command, ExportFlags& flags) {
  define_session(command, flags);
  define_destination(command, flags);
  define_output(command, flags);
}

void define_parquet_flags(CLI::App& command, ExportFlags& flags, const char* help) {
  command.add_option("STUDY", flags.study, "Study key in iMednet, for example MY_STUDY")->required();
  command.add_option("DIR", flags.local_staging_dir, help)->required();
  define_layout(command, flags.layout, flags.layout_name);
  define_batch_size(command, flags.config);
  define_pace(command, flags);
  define_retries(command, flags);
  define_output(command, flags);
}

void define_place_flags(CLI::App& command, ExportFlags& flags, const PlaceText& place) {
  flags.config.driver.clear();
  command.add_option("STUDY", flags.study, "Study key in iMednet, for example MY_STUDY")->required();
  command
      .add_option("TABLE", flags.config.table,
                  "Table, one or two dotted parts. Layout forms: the tables are TABLE_<form key> and TABLE_DIM_<dimension>")
      ->required();
  command.add_option(place.name, flags.place, place.help)->required();
  command.add_option("--driver", flags.config.driver, "ADBC driver, by name or path (default: the one that came with the program)")
      ->group(kConnection);
  define_layout(command, flags.layout, flags.layout_name);
  define_pace(command, flags);
  define_retries(command, flags);
  define_batch_size(command, flags.config);
  define_output(command, flags);
}

void define_table_flags(CLI::App& command, ExportFlags& flags, const PlaceText& place) {
  define_place_flags(command, flags, place);
  define_views(command, flags.layout);
  define_mode(command, flags);
  define_no_create_table(command, flags);
  define_kept_files(command, flags);
  define_report(command, flags);
}

integrations::TableLoad to_table_load(const ExportFlags& flags) {
  integrations::TableLoad load{.mode = mode_of(flags.mode),
                               .batch_size = flags.config.batch_size,
                               .connections = flags.config.connections,
                               .max_retries = flags.config.max_retries,
                               .retry_backoff = std::chrono::milliseconds(static_cast<std::int64_t>(flags.retry_backoff_s * 1000)),
                               .layout = to_layout(flags.layout, flags.layout_name),
                               .idempotent = !flags.force_reload,
                               .allow_duplicates = flags.config.allow_duplicates,
                               .allow_shrink = flags.config.allow_shrink,
                               .create_table = !flags.no_create_table};
  if (!flags.manifest_path.empty()) load.manifest_path = flags.manifest_path;
  if (!flags.local_staging_dir.empty()) load.local_staging_dir = flags.local_staging_dir;
  if (!flags.report.empty()) load.report_path = flags.report;
  return load;
}

integrations::ParquetConfig to_parquet_config(const ExportFlags& flags) {
  integrations::ParquetConfig config{.directory = flags.local_staging_dir,
                                     .batch_size = flags.config.batch_size,
                                     .connections = flags.config.connections,
                                     .layout = to_layout(flags.layout, flags.layout_name)};
  if (!flags.report.empty()) config.report_path = flags.report;
  return config;
}

void define_export_flags(CLI::App& command, ExportFlags& flags) {
  define_positions(command, flags);
  define_session(command, flags);
  define_layout(command, flags.layout, flags.layout_name);
  define_views(command, flags.layout);
  define_loading(command, flags);
  define_reading(command, flags);
  define_pace(command, flags);
  define_destination(command, flags);
  define_files(command, flags);
  define_run(command, flags);
  define_output(command, flags);
}

Progress::Kind progress_kind(const ExportFlags& flags) {
  if (flags.progress == "json") return Progress::Kind::json;
  if (flags.progress == "none" || flags.quiet || !is_terminal(STDERR_FILENO)) return Progress::Kind::none;
  return Progress::Kind::line;
}

void apply_log_level(const ExportFlags& flags) {
  const core::LogLevel chatty = flags.verbose ? core::LogLevel::verbose : core::LogLevel::normal;
  core::set_log_level(flags.quiet ? core::LogLevel::quiet : chatty);
}

void apply_shared_flags(const ExportFlags& flags, integrations::SnowflakeSinkConfig& config) {
  config.use_ledger = flags.ledger != "none";
  config.create_table = !flags.no_create_table;
  config.retry_backoff = std::chrono::milliseconds(static_cast<std::int64_t>(flags.retry_backoff_s * 1000));
  config.login_timeout = std::chrono::seconds(flags.login_timeout_s);
  config.statement_timeout = std::chrono::seconds(flags.statement_timeout_s);
  config.queue_timeout = std::chrono::seconds(flags.queue_timeout_s);
  config.wait = std::chrono::seconds(flags.wait_s);
}

integrations::SnowflakeSinkConfig to_config(const ExportFlags& flags) {
  integrations::SnowflakeSinkConfig config = flags.config;
  apply_settings(flags, config);
  apply_shared_flags(flags, config);
  config.layout = to_layout(flags.layout, flags.layout_name);
  config.mode = mode_of(flags.mode);
  config.freeze_schema = flags.schema_changes == "freeze";
  config.stage_layout = flags.stage_layout == "flat" ? integrations::StageLayout::flat : integrations::StageLayout::by_content;
  config.idempotent = !flags.force_reload;
  if (!flags.manifest_path.empty()) config.manifest_path = flags.manifest_path;
  if (!flags.local_staging_dir.empty()) config.local_staging_dir = flags.local_staging_dir;
  if (!flags.report.empty()) config.report_path = flags.report;
  if (!flags.state_dir.empty()) config.state_dir = flags.state_dir;
  return config;
}

}  // namespace imednet::cli
