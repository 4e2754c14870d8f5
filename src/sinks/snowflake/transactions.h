// transactions.h: what a transaction of ours is called, and how one is ended whose run is no more.
//
// Where it stands: study run, lease, loader → this → session.
// Rule:    the name says the run and its process, so that who reads it needs neither ledger nor lease to judge. A transaction is
//          aborted when its process is known to be dead on this machine; of a run elsewhere only after its lease was taken from it,
//          and then with its session: whatever that run sends later is refused, instead of being committed statement by statement.
// Errors:  what can't be looked up or ended is a warning: Snowflake itself ends a transaction that is idle for five minutes and in
//          another's way. ImednetError cancelled when a stop was asked for.
// Source:  ADR 0025; Snowflake's SQL reference (BEGIN, SHOW TRANSACTIONS, SYSTEM$ABORT_TRANSACTION, SYSTEM$ABORT_SESSION).
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "core/process_identity.h"
#include "sinks/snowflake/lease.h"

namespace imednet::sinks::snowflake {

// As "IMEDNET_20260115T120000Z0A0B0C0D_0123456789ABCDEF_4711_123456": run, boot and pid namespace (a digest), pid, start.
std::string transaction_name(const core::ProcessIdentity& process, std::string_view run_id);

// Whose transaction it is; by the name alone, and seen from `here`.
struct TransactionOwner {
  std::string run{};  // core::table_suffix() of its run id; empty: no transaction of ours
  core::Liveness liveness = core::Liveness::elsewhere;
};
TransactionOwner owner_of_transaction(std::string_view name, const core::ProcessIdentity& here,
                                      const LivenessOf& liveness_of = &core::ProcessIdentity::liveness);

using OnWarning = std::function<void(const std::string&)>;

// Aborts what processes of this machine that are dead left open, whatever study it was: nobody can go on with it, and it may
// hold the lease table. Gives back how many.
int abort_transactions_of_the_dead(const LeaseDeps& deps, const OnWarning& on_warning);

// Ends the sessions in which these runs, which hold no lease any more, have a transaction open. Gives back how many.
int end_sessions_of(const LeaseDeps& deps, const std::set<std::string>& run_ids, const OnWarning& on_warning);

}  // namespace imednet::sinks::snowflake
