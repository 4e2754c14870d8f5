#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "catalog.h"
#include "credentials.h"
#include "engine.h"
#include "grants.h"
#include "query_log.h"
#include "result_reuse.h"
#include "sandbox_clock.h"
#include "snowflake_server.h"
#include "stage_files.h"
#include "statement_orders.h"
#include "table_locks.h"
#include "users.h"
#include "warehouses.h"

namespace imednet::sandbox::snowflake {

// What all sessions share.
struct ServerState {
  explicit ServerState(SnowflakeServerOptions server_options);

  SnowflakeServerOptions options;
  SandboxClock clock;
  Catalog catalog;
  store::RequestOrders requests;  // before who is subject to them
  StageFiles stages;
  Engine engine;
  TableLocks locks;
  Warehouses warehouses;
  ResultReuse results;
  QueryLog queries;
  StatementOrders orders;
  Grants grants;
  Users users;
  Credentials credentials{options, clock, users};

  // Set by whoever knows the sessions: one of them, or nothing; and ends one, false when there is none of that id.
  std::function<std::shared_ptr<Session>(const std::string& session_id)> find_session;
  std::function<bool(const std::string& session_id)> end_session;
  std::function<std::vector<std::shared_ptr<Session>>()> all_sessions;
  // Its token is refused from now on; with `master` it cannot be renewed either.
  std::function<void(const std::string& session_id, bool master)> expire_session;

 private:
  void prepare_engine();
  void prepare_catalog();
};

}  // namespace imednet::sandbox::snowflake
