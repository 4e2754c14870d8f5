// transaction_statements.h: the statements that begin a transaction under a name, show open ones and end another's.
//
// Source: Snowflake's SQL reference (BEGIN, SHOW TRANSACTIONS, SYSTEM$ABORT_TRANSACTION, SYSTEM$ABORT_SESSION); ADR 0025.
#pragma once

#include <cstdint>
#include <string_view>

#include "sinks/snowflake/statements.h"

namespace imednet::sinks::snowflake {

// `name`: of transaction_name().
SqlText begin_transaction(std::string_view name);
// id, user, session, name, started_on, state, scope of the user's own open ones, in all of his sessions. Needs no warehouse.
SqlText show_transactions();
// Leaves one that has ended as it is.
SqlText abort_transaction(std::int64_t id);
SqlText abort_session(std::int64_t id);

}  // namespace imednet::sinks::snowflake
