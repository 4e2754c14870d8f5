#include "table_locks.h"

#include <chrono>
#include <thread>

#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{5};
constexpr int kMostWaiting = 20;  // [third party]

SqlError locked(const std::string& holder, const std::string& table, const std::string& why) {
  return SqlError("000625", "57014",
                  "Statement '" + holder + "' has locked table '" + table + "' in a transaction and this lock has not yet been released. " +
                      "Your statement was aborted because " + why);
}

}  // namespace

// Follows who waits for whom; a chain is never longer than the number of sessions that wait.
bool TableLocks::would_deadlock(const std::string& session, int64_t table) const {
  for (size_t steps = 0; steps <= waiting_.size(); ++steps) {
    const auto held = tables_.find(table);
    if (held == tables_.end() || held->second.altering.empty()) return false;
    if (held->second.altering == session) return true;
    const auto next = waiting_.find(held->second.altering);
    if (next == waiting_.end()) return false;
    table = next->second;
  }
  return false;
}

void TableLocks::take(const Request& request) {
  std::unique_lock lock(mutex_);
  Table& table = tables_[request.table];
  table.name = request.table_name;
  const int64_t until = request.now_us() + request.wait_seconds * 1000000;
  const bool has_to_wait = !is_free(table, request.session);
  if (has_to_wait && table.waiting >= kMostWaiting)
    throw locked(table.query_id, table.name, "the number of waiters for this lock exceeds the 20 statements limit.");
  if (has_to_wait && would_deadlock(request.session, request.table)) throw locked(table.query_id, table.name, "it would be a deadlock.");
  if (has_to_wait) {
    ++table.waiting;
    waiting_[request.session] = request.table;
  }
  const auto leave = [&] {
    if (!has_to_wait) return;
    --table.waiting;
    waiting_.erase(request.session);
  };
  try {
    while (!is_free(table, request.session)) {
      if (request.now_us() >= until) {
        throw locked(table.query_id, table.name, "LOCK_TIMEOUT of " + std::to_string(request.wait_seconds) + " second(s) was reached.");
      }
      const std::string holder = table.altering;
      lock.unlock();
      std::this_thread::sleep_for(kBetweenLooks);
      request.while_waiting(holder);
      lock.lock();
    }
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    leave();
    throw;
  }
  leave();
  table.writing.insert(request.session);
  if (request.change == RowChange::alters) {
    table.altering = request.session;
    table.query_id = request.query_id;
  }
}

void TableLocks::release(const std::string& session, bool committed) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, table] : tables_) {
    if (table.writing.erase(session) == 0) continue;
    if (table.altering == session) table.altering.clear();
    if (committed) table.version = ++version_;
  }
}

bool TableLocks::waits(const std::string& session) const {
  const std::lock_guard lock(mutex_);
  return waiting_.contains(session);
}

int64_t TableLocks::version(int64_t table) const {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(table);
  return found == tables_.end() ? 0 : found->second.version;
}

int64_t TableLocks::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

void TableLocks::note_change(int64_t table) {
  const std::lock_guard lock(mutex_);
  tables_[table].version = ++version_;
}

}  // namespace imednet::sandbox::snowflake
