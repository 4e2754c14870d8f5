#include "sinks/snowflake/loader.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/retry.h"
#include "sinks/snowflake/sign_in.h"
#include "sinks/snowflake/snowflake_errors.h"
#include "table/records_layout.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using integrations::SnowflakeSinkConfig;
using integrations::StageLayout;
using integrations::WriteMode;

constexpr std::size_t kFilesACopy = 1000;  // Snowflake's limit for FILES

StageDirectory stage_directory(const SnowflakeSinkConfig& config, const Identifier& database, const Identifier& schema) {
  return {StageDirectory::parse_stage(config.stage, database, schema), config.stage_prefix};
}

void require_set(std::string_view value, std::string_view setting, std::string_view variable) {
  if (value.find_first_not_of(" \t\r\n") != std::string_view::npos) return;
  throw errors::ExportConfigurationError(
      fmt::format("cannot connect to Snowflake: the {} is missing", setting),
      {.code = ErrorCode::config, .hint = fmt::format("give the {} (for example from ${})", setting, variable)});
}

std::optional<ObjectName> ledger_name(const SnowflakeSinkConfig& config, const ObjectName& table) {
  if (!config.use_ledger) return std::nullopt;
  if (config.ledger_schema.empty()) return ObjectName(table.database(), table.schema(), Identifier::own("IMEDNET_LOADS"));
  return ObjectName::parse(config.ledger_schema + ".IMEDNET_LOADS", table.database(), table.schema(), "ledger schema");
}

// Names are judged before anyone signs in: a refused one costs no connection.
const SnowflakeSinkConfig& checked(const SnowflakeSinkConfig& config) {
  require_set(config.account, "account", "SNOWFLAKE_ACCOUNT");
  require_set(config.user, "user", "SNOWFLAKE_USER");
  check_sign_in(config);
  require_set(config.database, "database", "SNOWFLAKE_DATABASE");
  require_set(config.schema, "schema", "SNOWFLAKE_SCHEMA");
  require_set(config.warehouse, "warehouse", "SNOWFLAKE_WAREHOUSE");
  require_set(config.stage, "stage", "SNOWFLAKE_STAGE");
  require_set(config.table, "table", "SNOWFLAKE_TABLE");
  if (config.batch_size == 0 || config.max_retries < 0 || config.retry_backoff.count() < 0) {
    throw errors::ExportConfigurationError("cannot export: batch size must be 1 or more, retries and back-off 0 or more",
                                           {.code = ErrorCode::invalid_argument});
  }
  if (config.login_timeout.count() < 1 || config.statement_timeout.count() < 0 || config.queue_timeout.count() < 0) {
    throw errors::ExportConfigurationError("cannot export: the login time-out must be 1 s or more, the other time-outs 0 or more",
                                           {.code = ErrorCode::invalid_argument});
  }
  const Identifier database = Identifier::parse(config.database, "database");
  const Identifier schema = Identifier::parse(config.schema, "schema");
  Identifier::parse(config.warehouse, "warehouse");
  if (!config.role.empty()) Identifier::parse(config.role, "role");
  stage_directory(config, database, schema);
  ledger_name(config, ObjectName::parse(config.table, database, schema, "table"));
  return config;
}

constexpr std::string_view kDoublesHint =
    "use --force-reload to replace the study's rows in one transaction, load into a fresh table, or (mode append) --allow-duplicates";

}  // namespace

std::vector<Files> in_groups(const Files& files) {
  std::vector<Files> groups;
  for (auto first = files.begin(); first != files.end();) {
    const auto last = files.end() - first > static_cast<std::ptrdiff_t>(kFilesACopy) ? first + kFilesACopy : files.end();
    groups.emplace_back(first, last);
    first = last;
  }
  return groups;
}

std::string_view status_name(FileStatus status) {
  switch (status) {
    case FileStatus::loaded:
      return "loaded";
    case FileStatus::adopted:
      return "adopted";
    default:
      return "skipped";
  }
}

Loader::Loader(const SnowflakeSinkConfig& config, std::string run_id, std::filesystem::path temporary, core::Clock& clock,
               LoaderHooks hooks)
    : config_(checked(config)),
      run_id_(std::move(run_id)),
      clock_(clock),
      hooks_(std::move(hooks)),
      database_(Identifier::parse(config.database, "database")),
      schema_(Identifier::parse(config.schema, "schema")),
      table_(ObjectName::parse(config.table, database_, schema_, "table")),
      session_(config_, run_id_, temporary),
      transfer_(session_,
                {stage_directory(config, database_, schema_), config.stage_layout == StageLayout::by_content, std::move(temporary)},
                [this](std::string_view step, const std::function<void()>& action) { attempt(step, action); }),
      ledger_(session_, ledger_name(config, table_), table_) {
  check_context(session_, config_, transfer_.directory().stage());
  transfer_.require_put_allowed();
  if (!ledger_.is_used() && hooks_.on_warning) {
    hooks_.on_warning(
        "without a ledger a file counts as loaded only while its rows stand in the table and Snowflake's load history (14 to 64 days) "
        "knows it");
  }
}

void Loader::prepare() {
  if (is_prepared_) return;
  attempt("prepare", [this] { target_ = prepare_target(session_, table_, config_.create_table); });
  attempt("prepare", [this] { ledger_.prepare(); });
  is_prepared_ = true;
}

void Loader::attempt(std::string_view step, const std::function<void()>& action) {
  const RetryPolicy policy{.max_retries = config_.max_retries, .backoff = config_.retry_backoff};
  core::with_retries(policy, {.clock = clock_, .stop = config_.stop}, [&](const core::Attempt&) {
    try {
      action();
    } catch (const errors::ExportBatchError&) {
      throw;  // judged already
    } catch (const ImednetError& error) {
      if (!is_session_lost(error)) throw;
      session_.reconnect();
      ErrorDetail detail = error.detail();
      detail.retry = errors::RetryClass::backoff;
      throw ImednetError(fmt::format("{} (step {})", error.what(), step), std::move(detail));
    }
  });
}

std::vector<std::string> Loader::paths(const Files& files) const {
  std::vector<std::string> all;
  all.reserve(files.size());
  for (const staging::StagedFile* file : files) all.push_back(transfer_.path(*file));
  return all;
}

std::string Loader::stage_path(const staging::StagedFile& file) const {
  return transfer_.directory().display(transfer_.relative(file), config_.stage);
}

std::string Loader::remove_statement(const staging::StagedFile& file) const { return fmt::format("REMOVE {};", stage_path(file)); }

std::int64_t Loader::rows_of(const std::string& study) {
  std::int64_t rows = 0;
  attempt("count", [&] { rows = session_.run(study_rows(table_, study), "count").number(0, "ROW_COUNT"); });
  return rows;
}

Loader::Plan Loader::make_plan(const std::string& study, const Files& files) {
  Plan plan;
  attempt("ledger", [&] { plan.known = ledger_.files_in(target_, study); });
  plan.rows_there = rows_of(study);
  LoadedFiles others = plan.known;
  for (const staging::StagedFile* file : files) {
    const auto known = plan.known.find(transfer_.path(*file));
    const bool is_in = known != plan.known.end() && known->second.hash == file->content_hash;
    (is_in ? plan.in : plan.pending).push_back(file);
    if (is_in) {
      plan.rows_in += file->rows;
      others.erase(known->first);
    }
  }
  plan.others_in = !others.empty();
  return plan;
}

// A run that was stopped between COPY and the ledger left rows the ledger does not know: the table itself says so.
void Loader::adopt(const std::string& study, Plan& plan) {
  if (plan.pending.empty() || plan.rows_there == plan.rows_in || config_.stage_layout != StageLayout::by_content) return;
  Files still_pending;
  Files adopted;
  for (const Files& group : in_groups(plan.pending)) {
    const auto found = facts(table_, group, false);
    for (const staging::StagedFile* file : group) {
      const auto fact = found.find(transfer_.path(*file));
      (fact != found.end() && fact->second.rows == file->rows ? adopted : still_pending).push_back(file);
    }
  }
  if (adopted.empty()) return;
  require_counts(table_, adopted, false);
  remember(study, adopted);
  for (const staging::StagedFile* file : adopted) {
    plan.in.push_back(file);
    plan.adopted.insert(file);
    plan.rows_in += file->rows;
    if (hooks_.on_outcome) hooks_.on_outcome({file, FileStatus::adopted, 0});
  }
  plan.pending = std::move(still_pending);
}

// Snowflake skips a file it remembers, though its rows may have been deleted since: better said before anything is sent.
void Loader::warn_of_history(const Plan& plan) {
  if (plan.pending.empty() || !config_.idempotent) return;
  db::Answer history;
  try {
    history = session_.run(load_history(table_), "history");
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    if (hooks_.on_warning) hooks_.on_warning(fmt::format("Snowflake's load history could not be read: {}", error.what()));
    return;
  }
  for (const staging::StagedFile* file : plan.pending) {
    const std::string path = transfer_.path(*file);
    for (std::size_t row = 0; row < history.rows.size(); ++row) {
      if (!history.at(row, "FILE_NAME").value_or("").ends_with(path)) continue;
      throw_for(
          *file,
          fmt::format("cannot load the batch {}: Snowflake remembers loading its file, but the rows are not in the table", file->batch_id),
          {.code = ErrorCode::duplicates, .hint = "use --force-reload to load it again", .origin = {.system = "snowflake"}});
    }
  }
}

std::vector<FileOutcome> Loader::load_study(const std::string& study, const std::vector<staging::StagedFile>& files) {
  prepare();
  Files all;
  for (const staging::StagedFile& file : files) all.push_back(&file);
  Plan plan = make_plan(study, all);
  const bool is_append = config_.mode == WriteMode::append;
  if (files.empty() && plan.rows_there > 0 && !is_append) {
    throw errors::ExportError(fmt::format("cannot export study {}: the API returned no record, and {} holds {} rows of it", study,
                                          table_.text(), plan.rows_there),
                              {.code = ErrorCode::duplicates, .hint = "check the study key; nothing was changed"});
  }
  if (files.empty()) return {};
  if (!config_.idempotent) {
    if (is_append) {
      if (hooks_.on_warning)
        hooks_.on_warning("--force-reload in mode append loads every file again: rows that stand in the table come a second time");
      load_pending(study, all, plan.known, true);
    } else {
      load_through_temporary(study, all, plan.known, true);
    }
    std::vector<FileOutcome> outcomes;
    for (const staging::StagedFile* file : all) outcomes.push_back({file, FileStatus::loaded, file->rows});
    return outcomes;
  }
  adopt(study, plan);
  const std::int64_t others = plan.rows_there - plan.rows_in;
  if (others < 0) {
    throw errors::ExportError(
        fmt::format("cannot export study {}: the table {} has {} of its rows, but {} were loaded; somebody deleted rows", study,
                    table_.text(), plan.rows_there, plan.rows_in),
        {.code = ErrorCode::counts_differ, .hint = "use --force-reload to replace the study's rows", .origin = {.system = "snowflake"}});
  }
  // Without pending files, rows that stand besides are none of this plan's: auto promises a mirror, append promises nothing of them.
  const bool would_differ = (others > 0 || plan.others_in) && (!plan.pending.empty() || !is_append);
  if (would_differ && !(is_append && config_.allow_duplicates)) {
    throw errors::ExportError(
        fmt::format("cannot load study {} into {}: it holds {} rows of the study that are not in this export's files, and {} files are new",
                    study, table_.text(), others, plan.pending.size()),
        {.code = ErrorCode::duplicates, .hint = std::string(kDoublesHint), .origin = {.system = "snowflake"}});
  }
  warn_of_history(plan);
  const Files pending = plan.pending;
  if (pending.size() > kFilesACopy) {
    load_through_temporary(study, pending, plan.known, false);
  } else {
    load_pending(study, pending, plan.known, false);
  }
  std::vector<FileOutcome> outcomes;
  for (const staging::StagedFile* file : all) {
    const bool is_new = std::find(pending.begin(), pending.end(), file) != pending.end();
    const FileStatus as_was = plan.adopted.contains(file) ? FileStatus::adopted : FileStatus::skipped;
    outcomes.push_back({file, is_new ? FileStatus::loaded : as_was, is_new ? file->rows : 0});
  }
  return outcomes;
}

FileOutcome Loader::load_batch(const std::string& study, const staging::StagedFile& file) {
  prepare();
  Plan plan = make_plan(study, {&file});
  if (config_.idempotent) {
    if (!plan.in.empty()) return {&file, FileStatus::skipped, 0};
    adopt(study, plan);
    if (plan.pending.empty()) return {&file, FileStatus::adopted, 0};
  }
  load_pending(study, {&file}, plan.known, !config_.idempotent);
  return {&file, FileStatus::loaded, file.rows};
}

void Loader::load_pending(const std::string& study, const Files& pending, const LoadedFiles& known, bool force) {
  if (pending.empty()) return;
  std::int64_t done = 0;
  const auto all = static_cast<std::int64_t>(pending.size());
  transfer_.upload(pending, known, [&] {
    if (hooks_.on_step) hooks_.on_step("uploading", ++done, all);
  });
  done = 0;
  for (const Files& group : in_groups(pending)) {
    if (hooks_.on_step) hooks_.on_step("loading", done, all);
    earlier_.clear();
    if (force) earlier_ = facts(table_, group, true);
    copy_group(table_, group, force);
    done += static_cast<std::int64_t>(group.size());
    if (hooks_.on_step) hooks_.on_step("verifying", done, all);
    require_counts(table_, group, true);
    remember(study, group);
    for (const staging::StagedFile* file : group) {
      if (hooks_.on_outcome) hooks_.on_outcome({file, FileStatus::loaded, file->rows});
    }
  }
}

LedgerEntry Loader::entry(const std::string& study, const staging::StagedFile& file) const {
  const auto tag = copy_tags_.find(file.batch_id);  // none: a file found in, or a COPY whose answer was lost
  return {.target = table_.text(),
          .target_created = target_.created,
          .study = study,
          .layout = std::string(table::kRecordsLayout),
          .batch_id = file.batch_id,
          .hash = file.content_hash,
          .file_path = transfer_.path(file),
          .sha256 = file.sha256,
          .run_id = run_id_,
          .statement_tag = tag == copy_tags_.end() ? "" : tag->second,
          .rows = file.rows,
          .first_record_id = file.first_record_id,
          .last_record_id = file.last_record_id};
}

void Loader::remember(const std::string& study, const Files& files) {
  std::vector<LedgerEntry> entries;
  for (const staging::StagedFile* file : files) entries.push_back(entry(study, *file));
  ledger_.record(entries);
}

void Loader::throw_for(const staging::StagedFile& file, const std::string& message, ErrorDetail detail) const {
  throw errors::ExportBatchError(message, file.batch_id, std::move(detail));
}

}  // namespace imednet::sinks::snowflake
