// connection.h: what all tables of a run share: one session, signed in and checked, a stage to PUT to, and who hears of it.
//
// Where it stands: export run → this → Loader, one a table.
// Errors:  ExportConfigurationError: settings that can't be, a sign-in that is refused, what is not there or not allowed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/process_identity.h"
#include "sinks/snowflake/connection_check.h"
#include "sinks/snowflake/lease.h"
#include "sinks/snowflake/session.h"
#include "sinks/snowflake/stage_transfer.h"
#include "sinks/study_load.h"

namespace imednet::sinks::snowflake {

class Loader;

struct LoaderHooks {
  std::function<void(const Loader&, const FileOutcome&)> on_outcome{};                        // loaded and counted; in file order
  std::function<void(std::string_view step, std::int64_t done, std::int64_t all)> on_step{};  // progress
  std::function<void(const std::string&)> on_warning{};
  std::function<void()> on_transaction{};           // after the last change, before COMMIT; may throw
  std::function<void(const Files&)> on_uploaded{};  // all of these lie on the stage
  std::function<void(const Files&)> on_loading{};   // before the statements that change the target for these; may throw
  bool loads = true;                                // false: nothing will be put or loaded, and no right for it is asked for
  std::function<core::ProcessIdentity()> this_process = &core::this_process;  // as transactions name it
};

class Connection {
 public:
  // Signs in and checks what must be there; writes nothing. `config` outlives this.
  Connection(const integrations::SnowflakeSinkConfig& config, std::string run_id, std::filesystem::path temporary, core::Clock& clock,
             LoaderHooks hooks, db::Connect connect = &db::connect);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const integrations::SnowflakeSinkConfig& config() const noexcept { return config_; }
  const ConnectionNames& names() const noexcept { return names_; }
  const std::string& run_id() const noexcept { return run_id_; }
  const LoaderHooks& hooks() const noexcept { return hooks_; }
  core::Clock& clock() noexcept { return clock_; }
  Session& session() noexcept { return session_; }
  StageTransfer& transfer() noexcept { return transfer_; }
  // The one that the settings name.
  const ObjectName& table() const noexcept { return table_; }

  // Runs a step with the export's retries.
  void attempt(std::string_view step, const std::function<void()>& action);
  std::int64_t retries() const noexcept { return retries_; }  // further tries of steps, so far
  LeaseDeps lease_deps();
  void close() { session_.close(); }

 private:
  std::unique_ptr<Session> helper(int number) const;

  const integrations::SnowflakeSinkConfig& config_;
  ConnectionNames names_;
  std::string run_id_;
  std::filesystem::path temporary_;
  db::Connect connect_;
  core::Clock& clock_;
  LoaderHooks hooks_;
  ObjectName table_;
  Session session_;
  StageTransfer transfer_;
  std::int64_t retries_ = 0;
};

}  // namespace imednet::sinks::snowflake
