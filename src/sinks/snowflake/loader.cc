#include "sinks/snowflake/loader.h"

#include <fmt/format.h>

#include "sinks/snowflake/lease_statements.h"
#include "sinks/snowflake/merge_statements.h"
#include "sinks/snowflake/session_retries.h"
#include "sinks/snowflake/sign_in.h"
#include "table/records_layout.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using integrations::SnowflakeSinkConfig;
using integrations::StageLayout;

constexpr int kMostUploads = 8;                 // unless somebody says another number
constexpr int kStatementsASession = 1'000'000;  // more than a session ever runs

// Settings and names are judged before anyone signs in: a refused one costs no connection.
ConnectionNames checked(const SnowflakeSinkConfig& config) {
  ConnectionNames names = check_connection(config);
  require_setting(config.table, "table");
  if (config.batch_size == 0 || config.max_retries < 0 || config.retry_backoff.count() < 0) {
    throw errors::ExportConfigurationError("cannot export: batch size must be 1 or more, retries and back-off 0 or more",
                                           {.code = ErrorCode::invalid_argument});
  }
  if (config.login_timeout.count() < 1 || config.statement_timeout.count() < 0 || config.queue_timeout.count() < 0) {
    throw errors::ExportConfigurationError("cannot export: the login time-out must be 1 s or more, the other time-outs 0 or more",
                                           {.code = ErrorCode::invalid_argument});
  }
  return names;
}

// Where a person, or a passcode that works once, is needed to sign in, one session has to do.
int uploads_of(const SnowflakeSinkConfig& config) {
  const integrations::SignIn kind = kind_of(config);
  if (kind == integrations::SignIn::mfa || kind == integrations::SignIn::external_browser) return 1;
  return config.uploads > 0 ? config.uploads : kMostUploads;
}

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

Loader::Loader(const SnowflakeSinkConfig& config, std::string run_id, std::filesystem::path temporary, core::Clock& clock,
               LoaderHooks hooks, db::Connect connect)
    : config_(config),
      names_(checked(config)),
      run_id_(std::move(run_id)),
      temporary_(std::move(temporary)),
      connect_(std::move(connect)),
      clock_(clock),
      hooks_(std::move(hooks)),
      table_(ObjectName::parse(config.table, names_.database, names_.schema, "table")),
      session_(config_, run_id_, temporary_, connect_),
      transfer_(
          session_, {names_.directory, config.stage_layout == StageLayout::by_content, temporary_},
          [this](std::string_view step, const std::function<void()>& action) { attempt(step, action); }, uploads_of(config_),
          [this](int number) { return helper(number); }),
      ledger_(session_, config.use_ledger ? std::optional(names_.ledger) : std::nullopt, table_) {
  check_context(session_, config_, transfer_.directory().stage());
  if (!hooks_.loads) return;
  transfer_.require_put_allowed();
  if (!ledger_.is_used() && hooks_.on_warning) {
    hooks_.on_warning(
        "without a ledger a file counts as loaded only while its rows stand in the table and Snowflake's load history (14 to 64 days) "
        "knows it, and two runs of one study are not kept apart");
  }
}

std::unique_ptr<Session> Loader::helper(int number) const {
  return std::make_unique<Session>(config_, run_id_, temporary_, connect_, number * kStatementsASession);
}

void Loader::prepare() {
  if (is_prepared_) return;
  attempt("prepare", [this] { target_ = prepare_target(session_, table_, config_); });
  attempt("prepare", [this] { ledger_.prepare(); });
  is_prepared_ = true;
}

void Loader::attempt(std::string_view step, const std::function<void()>& action) {
  run_with_retries(session_, config_, clock_, step, action, &retries_);
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

FormRows Loader::count_forms(const std::string& study) {
  const db::Answer answer = session_.run(form_rows(table_, study), "count");
  FormRows forms;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    forms[answer.at(row, "FORM_KEY").value_or("")] = answer.number(row, "ROW_COUNT");
  }
  return forms;
}

StudyState Loader::count_study(const std::string& study) {
  const db::Answer answer = session_.run(study_state(table_, study, run_id_), "count");
  return {answer.number(0, "ROW_COUNT"), answer.number(0, "LIVE_ROWS"), answer.number(0, "LIVE_IDS"), answer.number(0, "RUN_ROWS")};
}

FormRows Loader::forms_of(const std::string& study) {
  FormRows forms;
  attempt("count", [&] { forms = count_forms(study); });
  return forms;
}

StudyState Loader::state_of(const std::string& study) {
  StudyState state;
  attempt("count", [&] { state = count_study(study); });
  return state;
}

LoadPlan Loader::make_plan(const StudyRead& read, bool has_ledger) {
  LoadedFiles known;
  if (has_ledger) attempt("ledger", [&] { known = ledger_.files_in(target_, read.study); });
  LoadPlan plan = compare(read, std::move(known), [this](const staging::StagedFile& file) { return transfer_.path(file); });
  plan.there = state_of(read.study);
  return plan;
}

std::string Loader::statement_tag(const staging::StagedFile& file) const {
  const auto tag = copy_tags_.find(file.batch_id);
  return tag == copy_tags_.end() ? "" : tag->second;
}

std::string Loader::checksum(const staging::StagedFile& file) const {
  const auto found = checksums_.find(transfer_.path(file));
  return found == checksums_.end() ? "" : found->second;
}

LeaseDeps Loader::lease_deps() {
  return {.run = [this](const SqlText& sql, std::string_view step) { return session_.run(sql, step); },
          .attempt = [this](std::string_view step, const std::function<void()>& action) { attempt(step, action); },
          .clock = clock_,
          .stop = config_.stop};
}

std::optional<ObjectName> Loader::leases() const {
  const auto& ledger = ledger_.name();
  if (!ledger) return std::nullopt;
  return leases_beside(*ledger);
}

CursorTable Loader::cursor_of(const std::string& study) { return {lease_deps(), names_.ledger, study, table_}; }

bool Loader::has_all_columns() {
  bool has_all = false;
  attempt("describe", [&] { has_all = columns_to_add(session_, table_, config_).empty(); });
  return has_all;
}

void Loader::set_cursor_aside(const std::string& study) {
  if (cursors_aside_.contains(study)) return;
  cursor_of(study).set_aside(ledger_.is_used());
  cursors_aside_.insert(study);
}

LedgerEntry Loader::entry(const std::string& study, const staging::StagedFile& file) const {
  return {.target = table_.text(),
          .target_created = target_.created,
          .study = study,
          .layout = std::string(table::kRecordsLayout),
          .batch_id = file.batch_id,
          .hash = file.content_hash,
          .file_path = transfer_.path(file),
          .sha256 = file.sha256,
          .run_id = run_id_,
          .statement_tag = statement_tag(file),
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
