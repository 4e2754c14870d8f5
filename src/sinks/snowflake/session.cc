#include "sinks/snowflake/session.h"

#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <filesystem>

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

// The only way to tell the driver its temporary folder is its address form. All else in it is said again, and wins, as options.
// An account or folder with odd characters would need that form's escapes: then the driver uses the system's folder.
std::optional<std::string> address_with_folder(const std::string& account, const std::string& folder) {
  const auto is_plain = [](const std::string& text) {
    return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-/") == std::string::npos;
  };
  if (!is_plain(account) || !is_plain(folder)) return std::nullopt;
  std::string escaped;
  for (const char c : folder) escaped += c == '/' ? std::string("%2F") : std::string(1, c);
  return fmt::format("user:password@{}/database/schema?tmpDirPath={}", account, escaped);
}

db::Options connection_options(const SnowflakeSinkConfig& config, const std::string& tag, const std::string& folder) {
  db::Options options;
  if (const auto address = address_with_folder(config.account, folder)) options.emplace_back("uri", *address);
  const db::Options explicit_options = {
      {"adbc.snowflake.sql.account", config.account},
      {"username", config.user},
      {"password", config.password.reveal()},
      {"adbc.snowflake.sql.db", login_name(config.database, "database")},
      {"adbc.snowflake.sql.schema", login_name(config.schema, "schema")},
      {"adbc.snowflake.sql.warehouse", login_name(config.warehouse, "warehouse")},
      {"adbc.snowflake.sql.client_option.use_high_precision", "false"},
      {"adbc.snowflake.sql.client_option.disable_telemetry", "true"},
      {"adbc.snowflake.sql.client_option.login_timeout", "30s"},
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
  // Certificate revocation answers come from the internet; on loopback there is none to ask.
  if (config.host == "127.0.0.1" || config.host == "localhost")
    options.emplace_back("adbc.snowflake.sql.client_option.tls_skip_verify", "true");
  return options;
}

[[noreturn]] void throw_cannot_connect(const ImednetError& error, const SnowflakeSinkConfig& config) {
  errors::ErrorDetail detail = judge(error);
  if (error.code() == ErrorCode::cancelled) throw ImednetError(error.what(), detail);
  const std::string text = error.what();
  if (text.find("load the driver") != std::string::npos && error.origin().vendor_code.empty()) {
    detail.code = ErrorCode::not_found;
    detail.origin.system = "driver";
    detail.hint =
        "install the ADBC Snowflake driver (for example the wheel adbc-driver-snowflake) and point ADBC_DRIVER_PATH at a folder with its "
        "manifest snowflake.toml";
  } else if (detail.code == ErrorCode::internal || detail.code == ErrorCode::rejected) {
    detail.code = ErrorCode::unavailable;
  }
  if (detail.hint.empty()) detail.hint = "check account, user, password, host and the network";
  throw errors::ExportConfigurationError(fmt::format("cannot connect to the Snowflake account {}: {}", config.account, text),
                                         std::move(detail));
}

}  // namespace

std::string shipped_driver_directory() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (program.parent_path().parent_path() / "lib" / "imednet" / "drivers").string();
}

Session::Session(const SnowflakeSinkConfig& config, std::string run_id, const std::filesystem::path& temporary)
    : config_(config), run_id_(std::move(run_id)), driver_temporary_(temporary), connection_(connect()) {}

db::Connection Session::connect() {
  const SignalGuard guard;
  try {
    db::Connection connection({config_.driver, shipped_driver_directory()},
                              connection_options(config_, fmt::format("{}:{}", config_.query_tag, run_id_), driver_temporary_.string()),
                              config_.stop);
    connection.query(alter_session().text());
    return connection;
  } catch (const errors::ExportError&) {
    throw;
  } catch (const ImednetError& error) {
    throw_cannot_connect(error, config_);
  }
}

void Session::reconnect() { connection_ = connect(); }

db::Answer Session::run(const SqlText& sql, std::string_view step) {
  last_tag_ = fmt::format("{}:{}:{}:{}", config_.query_tag, run_id_, step, statement_++);
  try {
    return connection_.query(sql.text(), {{"adbc.snowflake.statement.query_tag", last_tag_}});
  } catch (const ImednetError& error) {
    throw ImednetError(error.what(), judge(error));
  }
}

std::optional<std::string> Session::status_of(const std::string& tag) {
  const db::Answer answer = run(query_status(Identifier::parse(config_.database, "database"), tag), "status");
  if (answer.rows.empty()) return std::nullopt;
  return answer.at(0, "EXECUTION_STATUS");
}

void Session::close() { connection_.close(); }

}  // namespace imednet::sinks::snowflake
