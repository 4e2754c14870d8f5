// upkeep_statements.h: what `gc` and `doctor` ask beyond the statements of an export.
//
// Source: Snowflake's SQL reference; ADR 0014 (identifiers).
#pragma once

#include "sinks/snowflake/statements.h"

namespace imednet::sinks::snowflake {

// EPOCH: the server's clock, in whole seconds since 1970 UTC.
SqlText server_time();
// FILE_PATH: every path below a stage that the ledger has ever seen loaded, once each.
SqlText ledger_paths(const ObjectName& ledger);
// ROW_COUNT of rows that only a running warehouse can make.
SqlText use_warehouse();
// Which rules of the account keep data from stages, and after how many seconds statements of this session are cancelled.
SqlText show_stage_rules();
SqlText show_time_limits();

}  // namespace imednet::sinks::snowflake
