#pragma once

#include <memory>

#include "catalog.h"
#include "credentials.h"
#include "engine.h"
#include "grants.h"
#include "query_log.h"
#include "sandbox_clock.h"
#include "snowflake_server.h"
#include "stage_store.h"
#include "statement_orders.h"

namespace imednet::sandbox::snowflake {

// What all sessions share.
struct ServerState {
  explicit ServerState(SnowflakeServerOptions server_options);

  SnowflakeServerOptions options;
  SandboxClock clock;
  Catalog catalog;
  StageStore stages;
  Engine engine;
  QueryLog queries;
  StatementOrders orders;
  Grants grants;
  Credentials credentials{options, clock};

 private:
  void prepare_engine();
  void prepare_catalog();
};

}  // namespace imednet::sandbox::snowflake
