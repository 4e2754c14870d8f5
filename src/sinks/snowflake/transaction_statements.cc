#include "sinks/snowflake/transaction_statements.h"

#include "imednet/errors.h"
#include "sinks/snowflake/sql_maker_internal.h"

namespace imednet::sinks::snowflake {

// Without quotes, as all of Snowflake's examples have it; so nothing but plain characters may stand in it.
SqlText begin_transaction(std::string_view name) {
  if (name.empty() || name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string_view::npos)
    throw ImednetError("cannot name a transaction: the name is not plain", {.code = errors::ErrorCode::internal});
  return SqlMaker::make("BEGIN TRANSACTION NAME {}", name);
}
SqlText show_transactions() { return SqlMaker::make("SHOW TRANSACTIONS"); }
SqlText abort_transaction(std::int64_t id) { return SqlMaker::make("SELECT SYSTEM$ABORT_TRANSACTION({})", id); }
SqlText abort_session(std::int64_t id) { return SqlMaker::make("SELECT SYSTEM$ABORT_SESSION({})", id); }

}  // namespace imednet::sinks::snowflake
