// lease.h: which run may load a study into a table: one row of IMEDNET_LEASES, changed by compare-and-set.
//
// Where it stands: export run → this → session. Taken before the API is read, so that no older reading lands on a newer one.
// Rule:    a token rises by one at each take; whoever changes the table for good proves inside its transaction that the
//          token is still its own. A holder that died on this machine loses the lease at once, any other after 60 s without
//          a sign of life, by the server's clock.
// Limit:   signs of life come from the working thread, between statements. One statement that takes longer than 60 s may cost
//          the lease; then check() says so and nothing is committed.
// Errors:  ExportError conflict: another run holds it, or took it meanwhile; corrupt: its rows are not what they were.
//          ExportConfigurationError with the GRANT to ask for when the table can't be made.
// Source:  ADR 0020; docs/formats/imednet-leases.md.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/process_identity.h"
#include "db/adbc.h"
#include "sinks/snowflake/lease_statements.h"

namespace imednet::sinks::snowflake {

// Who holds a lease, as the table's HOLDER says it: JSON.
struct LeaseHolder {
  core::ProcessIdentity process{};
  std::string run_id{};
  std::vector<std::string> former_runs{};  // cut off, and maybe not settled yet: each holder takes them over from the last

  std::string text() const;
  // Whatever is missing or no JSON of ours stays empty: such a holder is never known to be dead.
  static LeaseHolder parse(std::string_view text);
};

// The row as it was read.
struct LeaseRow {
  std::int64_t token = 0;
  std::string holder{};                            // empty: never taken
  std::optional<std::chrono::milliseconds> age{};  // of the last sign of life
  bool is_released = true;
};

enum class LeaseStanding {
  free,     // released, or never taken
  orphan,   // its holder died on this machine
  expired,  // no sign of life for kLeaseExpiry
  held,
};
using LivenessOf = std::function<core::Liveness(const core::ProcessIdentity&)>;
LeaseStanding standing_of(const LeaseRow& row, const LivenessOf& liveness_of = &core::ProcessIdentity::liveness);

// What is asked of the session. `run` sends one statement; `attempt` runs its function within the retries, signing in again.
struct LeaseDeps {
  std::function<db::Answer(const SqlText&, std::string_view step)> run;
  std::function<void(std::string_view step, const std::function<void()>&)> attempt;
  std::reference_wrapper<core::Clock> clock;
  std::stop_token stop{};
  std::function<void(std::string_view holder)> on_waiting{};  // at each look while another run holds it
  std::function<core::ProcessIdentity()> this_process = &core::this_process;
  LivenessOf liveness_of = &core::ProcessIdentity::liveness;
};

// Undoes what the session has not committed. Where that can't be had ExportError, never to be tried again: a session whose
// transaction may still be open must not go on, its next DDL would commit what was to be undone.
void roll_back(const LeaseDeps& deps);

class Lease {
 public:
  static constexpr std::chrono::seconds kBeat{15};

  Lease(LeaseDeps deps, ObjectName table, LeaseKey key, LeaseHolder self);

  // Takes it, looking again for at most `wait`. Gives back the former holder that never released it: it was cut off.
  std::optional<LeaseHolder> take(std::chrono::seconds wait);
  bool is_held() const noexcept { return token_ > 0; }
  std::int64_t token() const noexcept { return token_; }
  // A sign of life, when the last one is kBeat old. Called between statements and pages.
  void beat_if_due();
  // A sign of life now.
  void confirm();
  // Inside a transaction, before COMMIT: the lease is still ours and stays so until then.
  void check();
  // Whatever goes wrong here is left to the lease's expiry.
  void release() noexcept;

 private:
  void prepare();
  void create_table();
  void create_row();
  LeaseRow read();
  bool try_take(const LeaseRow& row, bool is_holder_dead);
  std::string text_of_self(const LeaseRow& row) const;
  [[noreturn]] void throw_held(const LeaseRow& row) const;
  [[noreturn]] void throw_lost();
  std::int64_t update(const SqlText& sql, std::string_view step);

  LeaseDeps deps_;
  ObjectName table_;
  LeaseKey key_;
  LeaseHolder self_;
  std::int64_t token_ = 0;
  std::chrono::steady_clock::time_point last_beat_{};
};

// Statements of a run that is no more may still be at work: they are waited for, then cancelled by id.
// Throws ExportError in_doubt when one goes on all the same.
void settle_statements_of(const LeaseDeps& deps, const Identifier& database, const std::string& run_id,
                          std::chrono::milliseconds first_wait);

}  // namespace imednet::sinks::snowflake
