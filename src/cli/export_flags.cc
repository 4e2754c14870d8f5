#include "cli/export_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/terminal.h"
#include "core/environment.h"

namespace imednet::cli {
namespace {

using errors::ErrorCode;
using errors::ExportConfigurationError;

constexpr const char* kConnection = "Connection";
constexpr const char* kLoading = "Loading";
constexpr const char* kFiles = "Files";
constexpr const char* kOutput = "Output";

void define_positions(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  command.add_option("STUDY", flags.study, "Study key in iMednet, for example MY_STUDY")->required();
  command.add_option("ACCOUNT", config.account, "Snowflake account, as <organisation>-<account>")->required();
  command.add_option("USER", config.user, "Snowflake user")->required();
  command
      .add_option("PASSWORD", flags.password,
                  "Password; '-' takes $SNOWFLAKE_PASSWORD (or the file in $SNOWFLAKE_PASSWORD_FILE), or asks without echo")
      ->required();
  command.add_option("DATABASE", config.database, "Database; folded to upper case unless \"quoted\"")->required();
  command.add_option("SCHEMA", config.schema, "Schema")->required();
  command.add_option("WAREHOUSE", config.warehouse, "Warehouse")->required();
  command.add_option("STAGE", config.stage, "Internal named stage, one to three dotted parts")->required();
  command.add_option("TABLE", config.table, "Target table, one to three dotted parts")->required();
}

void define_connection(CLI::App& command, integrations::SnowflakeSinkConfig& config) {
  command.add_option("--role", config.role, "Role to use instead of the user's default")->group(kConnection);
  command.add_option("--host", config.host, "Another endpoint than <account>.snowflakecomputing.com")
      ->envname("SNOWFLAKE_HOST")
      ->group(kConnection);
  command.add_option("--port", config.port, "Its port")->envname("SNOWFLAKE_PORT")->check(CLI::Range(0, 65535))->group(kConnection);
  command.add_option("--protocol", config.protocol, "http or https")
      ->envname("SNOWFLAKE_PROTOCOL")
      ->check(CLI::IsMember({"http", "https"}))
      ->group(kConnection);
  command.add_option("--query-tag", config.query_tag, "First part of every statement's QUERY_TAG")
      ->capture_default_str()
      ->group(kConnection);
  command.add_option("--driver", config.driver, "Name or path of the ADBC driver")->capture_default_str()->group(kConnection);
}

void define_loading(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  command.add_option("--mode", flags.mode, "auto: the table mirrors the API; append: the literal COPY, guarded against doubles")
      ->check(CLI::IsMember({"auto", "append"}))
      ->capture_default_str()
      ->group(kLoading);
  command
      .add_flag("--force-reload", flags.force_reload,
                "Load every file again (FORCE = TRUE); in mode auto the study's rows are replaced in one transaction")
      ->group(kLoading);
  command.add_flag("--allow-duplicates", config.allow_duplicates, "Mode append: load although rows would stand twice")->group(kLoading);
  command.add_flag("--no-create-table", flags.no_create_table, "Fail when the table is missing")->group(kLoading);
  command.add_option("--ledger", flags.ledger, "on, or none: without IMEDNET_LOADS; load history and the table itself must do")
      ->check(CLI::IsMember({"on", "none"}))
      ->capture_default_str()
      ->group(kLoading);
  command.add_option("--ledger-schema", config.ledger_schema, "Schema (or database.schema) of IMEDNET_LOADS; default the table's")
      ->group(kLoading);
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

void define_files(CLI::App& command, ExportFlags& flags) {
  auto& config = flags.config;
  command.add_option("--stage-prefix", config.stage_prefix, "Directory on the stage")->capture_default_str()->group(kFiles);
  command
      .add_option("--stage-layout", flags.stage_layout, "content: <prefix>/<hash>/<file>; flat: <prefix>/<file>, the guide's literal path")
      ->check(CLI::IsMember({"content", "flat"}))
      ->capture_default_str()
      ->group(kFiles);
  command.add_option("--batch-size", config.batch_size, "Rows a file")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str()
      ->group(kFiles);
  command.add_option("--manifest-path", flags.manifest_path, "Append a JSON line for every loaded batch to this file")->group(kFiles);
  command
      .add_option("--local-staging-dir", flags.local_staging_dir, "Keep the Parquet files here (default: a temporary directory, removed)")
      ->group(kFiles);
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

}  // namespace

void define_export_flags(CLI::App& command, ExportFlags& flags) {
  define_positions(command, flags);
  define_connection(command, flags.config);
  define_loading(command, flags);
  define_files(command, flags);
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

integrations::SnowflakeSinkConfig to_config(const ExportFlags& flags) {
  integrations::SnowflakeSinkConfig config = flags.config;
  config.password = resolve_password(flags.password);
  config.mode = flags.mode == "append" ? integrations::WriteMode::append : integrations::WriteMode::automatic;
  config.stage_layout = flags.stage_layout == "flat" ? integrations::StageLayout::flat : integrations::StageLayout::by_content;
  config.use_ledger = flags.ledger != "none";
  config.idempotent = !flags.force_reload;
  config.create_table = !flags.no_create_table;
  config.retry_backoff = std::chrono::milliseconds(static_cast<std::int64_t>(flags.retry_backoff_s * 1000));
  if (!flags.manifest_path.empty()) config.manifest_path = flags.manifest_path;
  if (!flags.local_staging_dir.empty()) config.local_staging_dir = flags.local_staging_dir;
  return config;
}

}  // namespace imednet::cli
