#include "sinks/snowflake/connection.h"

#include "sinks/snowflake/session_retries.h"
#include "sinks/snowflake/sign_in.h"
#include "sinks/snowflake/target.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
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

Connection::Connection(const SnowflakeSinkConfig& config, std::string run_id, std::filesystem::path temporary, core::Clock& clock,
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
          [this](int number) { return helper(number); }) {
  check_context(session_, config_, transfer_.directory().stage());
  if (!hooks_.loads) return;
  transfer_.require_put_allowed();
  if (!config_.use_ledger && hooks_.on_warning) {
    hooks_.on_warning(
        "without a ledger a file counts as loaded only while its rows stand in the table and Snowflake's load history (14 to 64 days) "
        "knows it, and two runs of one study are not kept apart");
  }
}

std::unique_ptr<Session> Connection::helper(int number) const {
  return std::make_unique<Session>(config_, run_id_, temporary_, connect_, number * kStatementsASession);
}

void Connection::attempt(std::string_view step, const std::function<void()>& action) {
  run_with_retries(session_, config_, clock_, step, action, &retries_);
}

LeaseDeps Connection::lease_deps() {
  return {.run = [this](const SqlText& sql, std::string_view step) { return session_.run(sql, step); },
          .attempt = [this](std::string_view step, const std::function<void()>& action) { attempt(step, action); },
          .clock = clock_,
          .stop = config_.stop};
}

}  // namespace imednet::sinks::snowflake
