// lease_statements.h: the statements of the lease table and those about what a former run left running.
//
// Source: ADR 0020; docs/formats/imednet-leases.md; Snowflake's SQL reference (transactions, QUERY_HISTORY, SYSTEM$CANCEL_QUERY).
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "sinks/snowflake/statements.h"

namespace imednet::sinks::snowflake {

// A holder without a sign of life for so long has lost the lease, by the server's clock.
inline constexpr std::chrono::seconds kLeaseExpiry{60};

// Which row: the study and the target's three-part name.
struct LeaseKey {
  std::string study, target;
};

// Makes the table together with the row that locks it; an error 002002 when it is there.
// IMEDNET_LEASES beside the ledger.
ObjectName leases_beside(const ObjectName& ledger);
SqlText create_leases(const ObjectName& leases);
SqlText comment_on_leases(const ObjectName& leases);
// Changes the locking row, so that who comes second waits for our COMMIT.
SqlText lock_leases(const ObjectName& leases);
SqlText insert_lease(const ObjectName& leases, const LeaseKey& key);
// TOKEN, HOLDER, AGE_MS (since the last sign of life), RELEASED_AT.
SqlText read_lease(const ObjectName& leases, const LeaseKey& key);
// Only while the token is `seen`, and, unless the holder is known to be dead, released or without a sign of life.
SqlText take_lease(const ObjectName& leases, const LeaseKey& key, std::int64_t seen, std::string_view holder, bool is_holder_dead);
SqlText beat_lease(const ObjectName& leases, const LeaseKey& key, std::int64_t token);
SqlText release_lease(const ObjectName& leases, const LeaseKey& key, std::int64_t token);

// QUERY_ID and EXECUTION_STATUS of that run's statements that have not ended. Any database knows the whole account's.
SqlText statements_at_work(const Identifier& database, std::string_view run_id);
SqlText cancel_statement(std::string_view query_id);

}  // namespace imednet::sinks::snowflake
