#include "sinks/snowflake/session.h"

#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <filesystem>

#include "core/failpoint.h"
#include "core/log.h"
#include "core/plain_path.h"
#include "db/shipped_driver.h"
#include "sinks/snowflake/sign_in.h"
#include "sinks/snowflake/snowflake_errors.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using integrations::SnowflakeSinkConfig;

// The driver's runtime takes over signals when it is loaded. The ones people and schedulers send are given back to whoever
// had them; those its own runtime lives on (faults, SIGURG, SIGPROF) stay with it.
class SignalGuard {
 public:
  SignalGuard() {
    for (std::size_t i = 0; i < kOurs.size(); ++i) sigaction(kOurs[i], nullptr, &before_[i]);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;
  ~SignalGuard() {
    for (std::size_t i = 0; i < kOurs.size(); ++i) sigaction(kOurs[i], &before_[i], nullptr);
  }

 private:
  static constexpr std::array kOurs = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD};
  std::array<struct sigaction, kOurs.size()> before_{};
};

// A login takes names as SQL does: plain ones fold to upper case, others keep their quotes.
std::string login_name(std::string_view text, std::string_view setting) {
  const Identifier identifier = Identifier::parse(text, setting);
  const bool plain = identifier.name().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") == std::string::npos;
  return plain ? identifier.name() : identifier.sql();
}

// Some things the driver takes in its address form only: its temporary folder, a passcode. All else in it is said again, and
// wins, as options. An account or folder with odd characters would need that form's escapes: then the driver uses the
// system's folder, and a passcode can't be given.
std::optional<std::string> address(const std::string& account, const std::string& folder, const std::string& query) {
  if (!query.empty() && !core::is_plain_path(account)) {
    throw errors::ExportConfigurationError("cannot connect to Snowflake: a passcode needs an account of plain characters",
                                           {.code = ErrorCode::config, .hint = "check the account name, as in <organisation>-<account>"});
  }
  if (!core::is_plain_path(account) || (query.empty() && !core::is_plain_path(folder))) return std::nullopt;
  std::string text = fmt::format("user:password@{}/database/schema?{}", account, query);
  if (!core::is_plain_path(folder)) return text;
  text += query.empty() ? "tmpDirPath=" : "&tmpDirPath=";
  for (const char c : folder) text += c == '/' ? std::string("%2F") : std::string(1, c);
  return text;
}

void add_connection_options(SignInOptions& all, const SnowflakeSinkConfig& config, const std::string& tag, const std::string& folder) {
  db::Options& options = all.options;
  if (auto text = address(config.account, folder, all.address_query)) options.emplace_back("uri", std::move(*text));
  const db::Options explicit_options = {
      {"adbc.snowflake.sql.account", config.account},
      {"username", config.user},
      {"adbc.snowflake.sql.db", login_name(config.database, "database")},
      {"adbc.snowflake.sql.schema", login_name(config.schema, "schema")},
      {"adbc.snowflake.sql.warehouse", login_name(config.warehouse, "warehouse")},
      {"adbc.snowflake.sql.client_option.use_high_precision", "false"},
      {"adbc.snowflake.sql.client_option.disable_telemetry", "true"},
      {"adbc.snowflake.sql.client_option.login_timeout", fmt::format("{}s", config.login_timeout.count())},
      {"adbc.snowflake.sql.client_option.app_name", "imednet"},
      {"QUERY_TAG", tag},
      {"TIMEZONE", "UTC"},
      {"client_session_keep_alive", "true"},
  };
  options.insert(options.end(), explicit_options.begin(), explicit_options.end());
  if (!config.role.empty()) options.emplace_back("adbc.snowflake.sql.role", login_name(config.role, "role"));
  if (!config.host.empty()) options.emplace_back("adbc.snowflake.sql.uri.host", config.host);
  if (config.port != 0) options.emplace_back("adbc.snowflake.sql.uri.port", std::to_string(config.port));
  if (!config.protocol.empty()) options.emplace_back("adbc.snowflake.sql.uri.protocol", config.protocol);
  // Despite its name this leaves the check of certificates alone: it only stops asking whether they were revoked.
  if (!config.ocsp.value_or(true)) options.emplace_back("adbc.snowflake.sql.client_option.tls_skip_verify", "true");
}

[[noreturn]] void throw_cannot_connect(const ImednetError& error, const SnowflakeSinkConfig& config, const std::string& fingerprint) {
  errors::ErrorDetail detail = judge(error);
  if (error.code() == ErrorCode::cancelled) throw ImednetError(error.what(), detail);
  const std::string text = error.what();
  if (text.find("load the driver") != std::string::npos && error.origin().vendor_code.empty()) {
    detail.code = ErrorCode::not_found;
    detail.origin.system = "driver";
    detail.hint =
        "install the ADBC Snowflake driver (for example the wheel adbc-driver-snowflake) and point ADBC_DRIVER_PATH at a folder with its "
        "manifest snowflake.toml";
  } else if (error.origin().vendor_code.empty() && signs_in_through_others(config)) {
    detail.code = ErrorCode::unauthenticated;  // no number: the driver got no proof to show, and Snowflake was not asked
  } else if (detail.code == ErrorCode::internal || detail.code == ErrorCode::rejected) {
    detail.code = ErrorCode::unavailable;
  }
  if (detail.hint.empty() && detail.code == ErrorCode::unauthenticated) detail.hint = refused_hint(config, fingerprint);
  if (detail.hint.empty()) detail.hint = "check account, user, password, host and the network";
  throw errors::ExportConfigurationError(fmt::format("cannot connect to the Snowflake account {}: {}", config.account, text),
                                         std::move(detail));
}

}  // namespace

Session::Session(const SnowflakeSinkConfig& config, std::string run_id, const std::filesystem::path& temporary, db::Connect connect,
                 int first_statement)
    : config_(config),
      run_id_(std::move(run_id)),
      driver_temporary_(temporary),
      statement_(first_statement),
      connect_(std::move(connect)),
      channel_(sign_in()) {}

std::unique_ptr<db::Channel> Session::sign_in() {
  const SignalGuard guard;
  SignInOptions all;
  fill(all, config_);
  if (!all.fingerprint.empty()) core::log_detail(fmt::format("signs in as {} with the key {}", config_.user, all.fingerprint));
  add_connection_options(all, config_, fmt::format("{}:{}", config_.query_tag, run_id_), driver_temporary_.string());
  try {
    auto channel = connect_({config_.driver, db::shipped_driver_directory()}, all.options, config_.stop);
    channel->query(alter_session(config_.statement_timeout.count(), config_.queue_timeout.count()).text());
    return channel;
  } catch (const errors::ExportError&) {
    throw;
  } catch (const ImednetError& error) {
    throw_cannot_connect(error, config_, all.fingerprint);
  }
}

void Session::reconnect() { channel_ = sign_in(); }

void Session::next_tag(std::string_view step) { last_tag_ = fmt::format("{}:{}:{}:{}", config_.query_tag, run_id_, step, statement_++); }

void Session::read(const SqlText& sql, std::string_view step, const std::function<void(const arrow::RecordBatch&)>& visit) {
  next_tag(step);
  try {
    channel_->read(sql.text(), {{"adbc.snowflake.statement.query_tag", last_tag_}}, visit);
  } catch (const errors::ExportError&) {
    throw;  // the visitor's own
  } catch (const ImednetError& error) {
    throw ImednetError(error.what(), judge(error));
  }
}

db::Answer Session::run(const SqlText& sql, std::string_view step) {
  next_tag(step);
  core::failpoint(core::Failpoint::statement_send, step);
  try {
    db::Answer answer = channel_->query(sql.text(), {{"adbc.snowflake.statement.query_tag", last_tag_}});
    core::failpoint(core::Failpoint::statement_answered, step);
    return answer;
  } catch (const ImednetError& error) {
    throw ImednetError(error.what(), judge(error));
  }
}

std::optional<std::string> Session::status_of(const std::string& tag) {
  const db::Answer answer = run(query_status(Identifier::parse(config_.database, "database"), tag), "status");
  if (answer.rows.empty()) return std::nullopt;
  return answer.at(0, "EXECUTION_STATUS");
}

void Session::close() { channel_->close(); }

}  // namespace imednet::sinks::snowflake
