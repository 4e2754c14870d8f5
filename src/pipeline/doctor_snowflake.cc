// doctor_snowflake.cc: would an export reach its table from here? Each step of one is tried with one made-up record.
//
// Order: settings, driver, network, sign-in, then what needs only the session, then a file on the stage, then COPY of it into
//        a temporary table. What was made goes again, also when a check fails or a stop is asked for.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <chrono>
#include <optional>

#include "core/clock.h"
#include "core/run_id.h"
#include "core/temporary_directory.h"
#include "db/shipped_driver.h"
#include "pipeline/doctor_findings.h"
#include "pipeline/doctor_trial.h"
#include "sinks/snowflake/connection_check.h"
#include "sinks/snowflake/endpoint.h"
#include "sinks/snowflake/lease_statements.h"
#include "sinks/snowflake/sign_in.h"
#include "sinks/snowflake/target.h"
#include "sinks/snowflake/upkeep_statements.h"

namespace imednet::integrations {
namespace {

using errors::ErrorCode;
using pipeline::CheckList;
using pipeline::Finding;
using sinks::snowflake::ObjectName;
using sinks::snowflake::SqlText;

constexpr std::int64_t kSlowStart = 15'000;  // ms

std::string_view kind_text(SignIn kind) {
  switch (kind) {
    case SignIn::mfa:
      return "password and second factor";
    case SignIn::key_pair:
      return "key pair";
    case SignIn::access_token:
      return "programmatic access token";
    case SignIn::oauth:
      return "OAuth token";
    case SignIn::external_browser:
      return "browser";
    case SignIn::workload_identity:
      return "workload identity";
    default:
      return "password";
  }
}

std::string address_of(const SnowflakeSinkConfig& config) {
  const std::string host = config.host.empty() ? config.account + ".snowflakecomputing.com" : config.host;
  return fmt::format("{}://{}{}", config.protocol.empty() ? "https" : config.protocol, host,
                     config.port == 0 ? "" : fmt::format(":{}", config.port));
}

class SnowflakeExamination {
 public:
  SnowflakeExamination(SnowflakeSinkConfig config, sinks::snowflake::ConnectionNames names)
      : config_(std::move(config)),
        names_(std::move(names)),
        table_(ObjectName::parse(config_.table, names_.database, names_.schema, "table")),
        run_id_(core::make_run_id(clock_)),
        temporary_(core::temporary_root(), "imednet-doctor") {}

  void run(CheckList& list);

 private:
  bool connect(CheckList& list);
  void add_connected(CheckList& list, const char* failed);
  void examine(CheckList& list);
  void examine_table(CheckList& list, bool has_schema);
  void try_load(CheckList& list, bool has_stage);
  Finding warehouse();
  Finding table();
  Finding ledger();
  Finding clock();
  Finding judged(const SqlText& sql, Finding (*judge)(const db::Answer&));
  db::Answer ask(const SqlText& sql) { return session_->run(sql, "doctor"); }

  SnowflakeSinkConfig config_;
  sinks::snowflake::ConnectionNames names_;
  ObjectName table_;
  core::Clock& clock_ = core::system_clock();
  std::string run_id_;
  core::TemporaryDirectory temporary_;
  std::optional<sinks::snowflake::Session> session_;
  std::optional<pipeline::TrialLoad> trial_;
  db::Answer context_;
  bool is_table_there_ = false, has_all_columns_ = false;
};

constexpr std::array kOfSession = {"role",   "warehouse", "database", "schema",      "stage",       "put",  "table",
                                   "ledger", "copy",      "insert",   "stage rules", "time limits", "clock"};

// What a refused or missing connection says of the parts before it.
void SnowflakeExamination::add_connected(CheckList& list, const char* failed) {
  const std::string_view first = failed;
  if (first == "driver") return;
  const auto driver = db::find_driver({config_.driver, db::shipped_driver_directory()});
  list.add_ok("driver", fmt::format("{} ({})", config_.driver, driver.value_or("found")));
  if (first != "network") list.add_ok("network", address_of(config_));
}

// One sign-in tells apart: no driver, no answer, an answer that refuses, a session.
bool SnowflakeExamination::connect(CheckList& list) {
  try {
    sinks::snowflake::SignInOptions options;
    fill(options, config_);  // names the key before it is used, and fails where it can't be read
    session_.emplace(config_, run_id_, temporary_.path());
    add_connected(list, "");
    list.run("sign-in", [&] {
      const auto warnings = sinks::snowflake::sign_in_warnings(config_);
      return Finding{.detail = fmt::format("{}, by {}{}{}", config_.user, kind_text(sinks::snowflake::kind_of(config_)),
                                           options.fingerprint.empty() ? "" : " ", options.fingerprint),
                     .advice = warnings.empty() ? "" : warnings.front()};
    });
    return true;
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    const bool has_no_driver = error.code() == ErrorCode::not_found && error.origin().system == "driver";
    const bool has_no_answer = error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
    const char* failed = has_no_driver ? "driver" : has_no_answer ? "network" : "sign-in";
    add_connected(list, failed);
    list.add_failure(failed, error);
    if (has_no_driver) list.skip("network", failed);
    if (has_no_driver || has_no_answer) list.skip("sign-in", failed);
    for (const char* what : kOfSession) list.skip(what, failed);
    return false;
  }
}

// Rows that no answer kept from before can give.
Finding SnowflakeExamination::warehouse() {
  sinks::snowflake::require_warehouse(context_, config_);
  const auto before = clock_.now();
  ask(sinks::snowflake::use_warehouse());
  const std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - before).count();
  Finding finding{.detail = fmt::format("{} ran a statement in {} ms", context_.at(0, "warehouse").value_or(""), ms)};
  if (ms > kSlowStart) finding.advice = "it was suspended or busy; each run that has something to load waits as long";
  return finding;
}

Finding SnowflakeExamination::table() {
  is_table_there_ = creation_time(*session_, table_).has_value();
  if (!is_table_there_) {
    trial_->make_table(table_);
    return {.detail = fmt::format("{} is not there yet, and the role may make it (tried under another name)", table_.text())};
  }
  const auto missing = missing_columns(*session_, table_, sinks::snowflake::records_shape());
  has_all_columns_ = missing.empty();
  if (has_all_columns_) return {.detail = fmt::format("{} has all columns, with their types", table_.text())};
  std::vector<std::string> names;
  names.reserve(missing.size());
  for (const auto& column : missing) names.push_back(column.name);
  return {.detail = fmt::format("{} lacks {}", table_.text(), fmt::join(names, ", ")),
          .advice = "an export adds them if the role owns the table; else have its owner run: " + add_columns(table_, missing).text()};
}

Finding SnowflakeExamination::ledger() {
  const ObjectName& ledger = names_.ledger;
  const ObjectName leases = leases_beside(ledger);
  const bool has_ledger = creation_time(*session_, ledger).has_value();
  const bool has_leases = creation_time(*session_, leases).has_value();
  if (has_ledger) ask(ledger_entries(ledger, "", "", ""));
  if (has_ledger && has_leases) return {.detail = fmt::format("{} can be read, and IMEDNET_LEASES is beside it", ledger.text())};
  trial_->make_table(has_ledger ? leases : ledger);
  return {.detail =
              fmt::format("{} {}, and the role may make what is missing", ledger.text(), has_ledger ? "can be read" : "is not there yet")};
}

Finding SnowflakeExamination::clock() {
  const auto before = clock_.utc_now();
  const std::int64_t server = ask(sinks::snowflake::server_time()).number(0, "EPOCH");
  const auto local = std::chrono::duration_cast<std::chrono::seconds>((before + (clock_.utc_now() - before) / 2).time_since_epoch());
  return pipeline::clock_finding(server - local.count(), "sign-in by key pair fails from a minute on");
}

// Rules that can't be read are no failure of an export.
Finding SnowflakeExamination::judged(const SqlText& sql, Finding (*judge)(const db::Answer&)) {
  try {
    return judge(ask(sql));
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    return {.detail = error.what(), .advice = "an administrator can tell: " + sql.text()};
  }
}

void SnowflakeExamination::examine_table(CheckList& list, bool has_schema) {
  if (!has_schema) {
    list.skip("table", "schema");
    list.skip("ledger", "schema");
    return;
  }
  list.run("table", [this] { return table(); });
  list.run("ledger", [this] { return ledger(); });
}

void SnowflakeExamination::try_load(CheckList& list, bool has_stage) {
  const char* before = "stage";
  if (has_stage) {
    if (list.run("put", [this] { return trial_->put(); })) {
      before = list.run("copy", [this] { return trial_->copy(); }) ? nullptr : "copy";
    } else {
      before = "put";
      list.skip("copy", before);
    }
  } else {
    list.skip("put", before);
    list.skip("copy", before);
  }
  if (before != nullptr) {
    list.skip("insert", before);
  } else if (is_table_there_ && has_all_columns_) {
    list.run("insert", [this] { return trial_->insert_nothing(); });
  } else if (is_table_there_) {
    list.skip("insert", "the table's columns");
  } else {
    list.add_ok("insert", "the role will own the table it makes");
  }
}

void SnowflakeExamination::examine(CheckList& list) {
  const bool has_context = list.run("role", [this] {
    context_ = ask(sinks::snowflake::current_context());
    return Finding{.detail =
                       fmt::format("{}{}", context_.at(0, "role").value_or("none"), config_.role.empty() ? " (the user's default)" : "")};
  });
  if (!has_context) {
    for (const char* what : kOfSession) {
      if (std::string_view(what) != "role") list.skip(what, "role");
    }
    return;
  }
  const bool has_warehouse = list.run("warehouse", [this] { return warehouse(); });
  const auto named = [this](const char* column) {
    return [this, column] { return Finding{.detail = context_.at(0, column).value_or("")}; };
  };
  const bool has_database = list.run("database", [&] {
    sinks::snowflake::require_database(context_, config_);
    return named("database")();
  });
  const bool has_schema = list.run("schema", [&] {
    sinks::snowflake::require_schema(context_, config_);
    return named("schema")();
  });
  const bool has_stage = list.run("stage", [this] {
    require_internal_stage(*session_, names_.directory.stage());
    return Finding{.detail = fmt::format("{} is internal", names_.directory.stage().text())};
  });
  examine_table(list, has_database && has_schema);
  try_load(list, has_stage && has_warehouse && has_database && has_schema);
  list.run("stage rules", [this] { return judged(sinks::snowflake::show_stage_rules(), pipeline::stage_rules_finding); });
  list.run("time limits", [this] { return judged(sinks::snowflake::show_time_limits(), pipeline::time_limits_finding); });
  list.run("clock", [this] { return clock(); });
}

void SnowflakeExamination::run(CheckList& list) {
  if (!connect(list)) return;
  trial_.emplace(*session_, names_.directory, table_, run_id_, temporary_.path());
  try {
    examine(list);
  } catch (const ImednetError& error) {
    if (error.code() != ErrorCode::cancelled) throw;
    config_.stop = {};  // a stop ends the examination, not the tidying up after it
    session_->reconnect();
    trial_->clean_up();
    throw;
  }
  list.run("clean-up", [this] { return trial_->clean_up(); });
  session_->close();
}

}  // namespace

DoctorReport examine_snowflake(const SnowflakeSinkConfig& given) {
  CheckList list;
  std::optional<SnowflakeExamination> examination;
  const bool is_set = list.run("settings", [&] {
    SnowflakeSinkConfig config = sinks::snowflake::with_endpoint(given);
    sinks::snowflake::ConnectionNames names = sinks::snowflake::check_connection(config);
    const std::string account = config.account;
    examination.emplace(std::move(config), std::move(names));
    return Finding{.detail = fmt::format("account {}, and every name is one", account)};
  });
  if (is_set) examination->run(list);
  return list.take();
}

}  // namespace imednet::integrations
