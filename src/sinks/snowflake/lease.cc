#include "sinks/snowflake/lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/retry.h"
#include "imednet/errors.h"
#include "sinks/snowflake/target.h"
#include "sinks/snowflake/transaction_statements.h"
#include "sinks/snowflake/transactions.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstLook{1000};
constexpr milliseconds kLongestLook{15'000};
constexpr std::size_t kFormerRuns = 8;
constexpr const char* kAlreadyThere = "002002";

std::string text_in(const ordered_json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_in(const ordered_json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// "run 20260115T… on host-7 (pid 4711), last sign of life 12 s ago"
std::string describe(const LeaseRow& row) {
  const LeaseHolder holder = LeaseHolder::parse(row.holder);
  const std::string age = row.age ? fmt::format("{} s ago", std::chrono::duration_cast<seconds>(*row.age).count()) : "never";
  return fmt::format("run {} on {} (pid {}), last sign of life {}", holder.run_id.empty() ? "?" : holder.run_id,
                     holder.process.host.empty() ? "?" : holder.process.host, holder.process.pid, age);
}

}  // namespace

std::string LeaseHolder::text() const {
  const ordered_json json = {{"host", process.host},      {"boot_id", process.boot_id}, {"pid_namespace", process.pid_namespace},
                             {"pid", process.pid},        {"started", process.started}, {"run_id", run_id},
                             {"former_runs", former_runs}};
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

LeaseHolder LeaseHolder::parse(std::string_view text) {
  const ordered_json json = ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  LeaseHolder holder{
      {text_in(json, "host"), text_in(json, "boot_id"), text_in(json, "pid_namespace"), number_in(json, "pid"), number_in(json, "started")},
      text_in(json, "run_id"),
      {}};
  if (const auto runs = json.find("former_runs"); runs != json.end() && runs->is_array()) {
    for (const auto& run : *runs) {
      if (run.is_string()) holder.former_runs.push_back(run.get<std::string>());
    }
  }
  return holder;
}

LeaseStanding standing_of(const LeaseRow& row, const LivenessOf& liveness_of) {
  if (row.is_released || row.holder.empty()) return LeaseStanding::free;
  if (liveness_of(LeaseHolder::parse(row.holder).process) == core::Liveness::dead) return LeaseStanding::orphan;
  return !row.age || *row.age > kLeaseExpiry ? LeaseStanding::expired : LeaseStanding::held;
}

void roll_back(const LeaseDeps& deps) {
  try {
    deps.attempt("rollback", [&] { deps.run(rollback_transaction(), "rollback"); });
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) return;  // nothing is sent after a stop, and the transaction goes with the session
    throw errors::ExportError(
        fmt::format("cannot undo what was not committed: {} (it goes with the session)", error.what()),
        {.code = error.code(), .hint = "run again as it is", .retry = errors::RetryClass::never, .origin = {.system = "snowflake"}});
  }
}

Lease::Lease(LeaseDeps deps, ObjectName table, LeaseKey key, LeaseHolder self)
    : deps_(std::move(deps)), table_(std::move(table)), key_(std::move(key)), self_(std::move(self)) {}

std::int64_t Lease::update(const SqlText& sql, std::string_view step) { return deps_.run(sql, step).number(0, "number of rows updated"); }

void Lease::prepare() {
  try {
    deps_.attempt("lease-create", [this] { create_table(); });
    deps_.attempt("lease-create", [this] { create_row(); });
  } catch (const errors::ExportError&) {
    throw;
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    throw errors::ExportConfigurationError(
        fmt::format("cannot make the lease table {}: {}", table_.text(), error.what()),
        {.code = error.code(),
         .hint = fmt::format("ask for: {}, or where the table is there: GRANT SELECT, INSERT, UPDATE ON TABLE {} TO ROLE <role>; or use "
                             "--ledger-schema, or --ledger none",
                             grant_to_create(table_), table_.sql()),
         .origin = error.origin()});
  }
}

void Lease::create_table() {
  const auto is_there = [this] {
    const db::Answer shown = deps_.run(show_tables(table_), "show-table");
    return std::any_of(shown.rows.begin(), shown.rows.end(),
                       [&, row = std::size_t{0}](const auto&) mutable { return shown.at(row++, "name") == table_.object().name(); });
  };
  if (is_there()) return;
  try {
    deps_.run(create_leases(table_), "lease-create");
  } catch (const ImednetError& error) {
    if (error.origin().vendor_code == kAlreadyThere) return;  // another run was quicker
    throw;
  }
  deps_.run(comment_on_leases(table_), "lease-create");
}

// Nothing in Snowflake forbids the same row twice. So whoever makes one first changes the locking row: the second waits for
// the first one's COMMIT and then sees its row.
void Lease::create_row() {
  if (!deps_.run(read_lease(table_, key_), "lease-read").rows.empty()) return;
  deps_.run(begin_transaction(transaction_name(self_.process, self_.run_id)), "begin");
  try {
    if (update(lock_leases(table_), "lease-create") != 1) {
      throw errors::ExportError(fmt::format("cannot use the lease table {}: its locking row is not there once", table_.text()),
                                {.code = ErrorCode::corrupt,
                                 .hint = "when no run is going on, drop the table; the next run makes it anew",
                                 .origin = {.system = "snowflake"}});
    }
    if (deps_.run(read_lease(table_, key_), "lease-read").rows.empty()) deps_.run(insert_lease(table_, key_), "lease-create");
    deps_.run(commit_transaction(), "commit");
  } catch (const ImednetError&) {
    roll_back(deps_);
    throw;
  }
}

LeaseRow Lease::read() {
  const db::Answer answer = deps_.run(read_lease(table_, key_), "lease-read");
  if (answer.rows.size() != 1) {
    throw errors::ExportError(
        fmt::format("cannot use the lease of study {} in {}: it has {} rows instead of one", key_.study, table_.text(), answer.rows.size()),
        {.code = ErrorCode::corrupt,
         .hint = "when no run is going on, delete the study's rows from it; the next run makes its row anew",
         .origin = {.system = "snowflake"}});
  }
  LeaseRow row{.token = answer.number(0, "TOKEN"), .holder = answer.at(0, "HOLDER").value_or("")};
  if (answer.at(0, "AGE_MS")) row.age = milliseconds(answer.number(0, "AGE_MS"));
  row.is_released = answer.at(0, "RELEASED_AT").has_value();
  return row;
}

// Runs that were cut off are handed on, so that one more crash before they are settled does not let them be forgotten.
std::string Lease::text_of_self(const LeaseRow& row) const {
  LeaseHolder self = self_;
  if (standing_of(row, deps_.liveness_of) != LeaseStanding::free) {
    const LeaseHolder former = LeaseHolder::parse(row.holder);
    self.former_runs = former.former_runs;
    self.former_runs.insert(self.former_runs.begin(), former.run_id);
    if (self.former_runs.size() > kFormerRuns) self.former_runs.resize(kFormerRuns);
  }
  return self.text();
}

// The UPDATE's answer may be lost and the UPDATE sent again: what counts is whose name stands in the row afterwards.
bool Lease::try_take(const LeaseRow& row, bool is_holder_dead) {
  bool is_taken = false;
  const std::string self = text_of_self(row);
  deps_.attempt("lease-take", [&] {
    update(take_lease(table_, key_, row.token, self, is_holder_dead), "lease-take");
    const LeaseRow now = read();
    is_taken = now.token == row.token + 1 && now.holder == self && !now.is_released;
  });
  if (!is_taken) return false;
  token_ = row.token + 1;
  last_beat_ = deps_.clock.get().now();
  return true;
}

std::optional<LeaseHolder> Lease::take(seconds wait) {
  prepare();
  const auto deadline = deps_.clock.get().now() + wait;
  for (milliseconds pause = kFirstLook;; pause = std::min(pause * 2, kLongestLook)) {
    LeaseRow row;
    deps_.attempt("lease-read", [&] { row = read(); });
    const LeaseStanding standing = standing_of(row, deps_.liveness_of);
    if (standing != LeaseStanding::held && try_take(row, standing == LeaseStanding::orphan))
      return standing == LeaseStanding::free ? std::nullopt : std::optional(LeaseHolder::parse(row.holder));
    // Free a moment ago and taken by another: who that is, the next look says.
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - deps_.clock.get().now());
    if (left <= milliseconds(0)) {
      if (standing != LeaseStanding::held) deps_.attempt("lease-read", [&] { row = read(); });
      throw_held(row);
    }
    if (deps_.on_waiting) deps_.on_waiting(describe(row));
    if (!deps_.clock.get().sleep(std::min(pause, left), deps_.stop)) core::throw_cancelled();
  }
}

void Lease::beat_if_due() {
  if (deps_.clock.get().now() - last_beat_ >= kBeat) confirm();
}

void Lease::confirm() {
  if (!is_held()) return;
  const auto asked = deps_.clock.get().now();
  std::int64_t rows = 0;
  deps_.attempt("lease-beat", [&] { rows = update(beat_lease(table_, key_, token_), "lease-beat"); });
  if (rows != 1) throw_lost();
  last_beat_ = asked;
}

void Lease::check() {
  if (!is_held()) return;
  const auto asked = deps_.clock.get().now();
  if (update(beat_lease(table_, key_, token_), "lease-check") != 1) throw_lost();
  last_beat_ = asked;
}

void Lease::release() noexcept {
  if (!is_held()) return;
  const std::int64_t token = std::exchange(token_, 0);
  try {
    deps_.run(release_lease(table_, key_, token), "lease-release");
  } catch (const std::exception&) {
    // The next run sees that this process is gone, or waits for the lease to expire.
  }
}

void Lease::throw_held(const LeaseRow& row) const {
  throw errors::ExportError(
      fmt::format("cannot load study {} into {}: another run holds the lease: {}", key_.study, key_.target, describe(row)),
      {.code = ErrorCode::conflict,
       .hint = fmt::format("run again when it has ended, or give --wait SECONDS; after {} s without a sign of life the lease is free",
                           kLeaseExpiry.count()),
       .origin = {.system = "snowflake"}});
}

void Lease::throw_lost() {
  std::string holder = "nobody knows whom";
  try {
    holder = describe(read());
  } catch (const ImednetError&) {
    // Only the text is poorer.
  }
  token_ = 0;
  throw errors::ExportError(
      fmt::format("cannot go on loading study {} into {}: this run gave no sign of life for too long and lost its lease to {}", key_.study,
                  key_.target, holder),
      {.code = ErrorCode::conflict, .hint = "run again when that run has ended", .origin = {.system = "snowflake"}});
}

}  // namespace imednet::sinks::snowflake
