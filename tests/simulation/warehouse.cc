#include "simulation/warehouse.h"

#include <fmt/format.h>

#include <algorithm>

#include "imednet/errors.h"

namespace imednet::simulation {
namespace {

using errors::ErrorCode;
using errors::RetryClass;

constexpr std::int64_t kLockTimeout = 43'200'000;  // LOCK_TIMEOUT
constexpr std::int64_t kDeadTransaction = 300'000;

}  // namespace

void throw_sql(const char* number, const char* state, const std::string& message) {
  const bool is_missing = std::string_view(number) == "002003";
  throw ImednetError(fmt::format("cannot run a statement: {} ({}): {}", number, state, message),
                     {.code = is_missing ? ErrorCode::not_found : ErrorCode::unavailable,
                      .retry = is_missing ? RetryClass::never : RetryClass::backoff,
                      .origin = {.system = "driver", .sql_state = state, .vendor_code = number}});
}

std::size_t Table::column(std::string_view column_name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].first == column_name) return i;
  }
  throw Violation(fmt::format("the simulated table {} has no column {}", name, column_name));
}

Warehouse::Warehouse(World& world) : world_(world) {
  add_shapes();
  add_lease_shapes();
}

std::int64_t Warehouse::open_session(std::int64_t pid) {
  const auto id = static_cast<std::int64_t>(sessions_.size()) + 1;
  sessions_.emplace(id, Session{.id = id, .pid = pid});
  return id;
}

void Warehouse::close_session(std::int64_t session) { expire_session(session); }

void Warehouse::expire_session(std::int64_t session) {
  Session& gone = sessions_.at(session);
  gone.is_gone = true;
  gone.temporary.clear();
  if (gone.transaction != 0) end_transaction(std::exchange(gone.transaction, 0), TransactionState::aborted);
}

void Warehouse::client_died(std::int64_t pid) {
  for (auto& [id, session] : sessions_) {
    if (session.pid != pid || session.is_gone) continue;
    const std::int64_t found_out = world_.now() + world_.random.between(0, kDeadTransaction);
    world_.at(found_out, [this, dead = id] {
      if (!sessions_.at(dead).is_gone) expire_session(dead);
    });
  }
}

std::shared_ptr<Table> Warehouse::find(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second;
}

bool Warehouse::has_cursor() const {
  return std::any_of(tables_.begin(), tables_.end(), [](const auto& entry) {
    return entry.first.find("IMEDNET_CURSOR_") != std::string::npos && !entry.second->comment.empty();
  });
}

void Warehouse::recreate(const std::string& name, bool with_rows) {
  const auto old = find(name);
  if (old == nullptr) return;
  auto made = std::make_shared<Table>(
      Table{.name = name, .created = world_.stamp(world_.now()) + fmt::format(".{:03}", ++creations_), .columns = old->columns});
  if (with_rows)
    std::copy_if(old->rows.begin(), old->rows.end(), std::back_inserter(made->rows), [&](const auto& r) { return is_committed(r); });
  tables_[name] = std::move(made);
  if (on_commit) on_commit();
}

Table& Warehouse::table(Call& call, const std::string& name) {
  if (const auto own = call.session.temporary.find(name); own != call.session.temporary.end()) return *own->second;
  const auto found = tables_.find(name);
  if (found == tables_.end()) throw_sql("002003", "42S02", "the table does not exist or is not authorized");
  return *found->second;
}

bool Warehouse::is_committed(const StoredRow& row) const {
  const auto is_done = [this](std::int64_t t) { return transactions_[static_cast<std::size_t>(t)] == TransactionState::committed; };
  return is_done(row.born) && (row.died == 0 || !is_done(row.died));
}

bool Warehouse::is_visible(const StoredRow& row, std::int64_t transaction) const {
  const auto counts = [&](std::int64_t t) {
    return (transaction != 0 && t == transaction) || transactions_[static_cast<std::size_t>(t)] == TransactionState::committed;
  };
  return counts(row.born) && (row.died == 0 || !counts(row.died));
}

std::vector<StoredRow*> Warehouse::rows(Call& call, Table& table) {
  std::vector<StoredRow*> seen;
  for (StoredRow& row : table.rows) {
    if (is_visible(row, reader(call.session))) seen.push_back(&row);
  }
  return seen;
}

std::int64_t Warehouse::begin_change(Call& call) {
  if (call.session.transaction != 0) return call.session.transaction;
  transactions_.push_back(TransactionState::open);
  return static_cast<std::int64_t>(transactions_.size()) - 1;
}

void Warehouse::end_change(Call& call, std::int64_t transaction) {
  if (call.session.transaction == 0) end_transaction(transaction, TransactionState::committed);
}

void Warehouse::lock(Call& call, Table& table, std::int64_t transaction) {
  const std::int64_t until = world_.now() + kLockTimeout;
  while (table.altering != 0 && table.altering != transaction) {
    if (world_.now() >= until) throw_sql("000625", "57014", "the table is locked by another transaction");
    world_.wait(1'000);
    if (call.session.is_gone) throw_sql("390112", "08001", "the session has expired");
    if (World::current() != nullptr && World::current()->is_dead) throw Crash();
    if (transactions_[static_cast<std::size_t>(transaction)] != TransactionState::open)
      throw_sql("000605", "57014", "the transaction was aborted");
  }
  table.altering = transaction;
}

void Warehouse::end_transaction(std::int64_t transaction, TransactionState state) {
  auto& now = transactions_[static_cast<std::size_t>(transaction)];
  if (now != TransactionState::open) return;
  now = state;
  for (auto& [name, table] : tables_) {
    if (table->altering == transaction) table->altering = 0;
    if (state != TransactionState::aborted) continue;
    for (StoredRow& row : table->rows) {
      if (row.died == transaction) row.died = 0;
    }
  }
  if (state == TransactionState::committed && on_commit) on_commit();
}

// DDL ends an open transaction as COMMIT does.
void Warehouse::commit_open(Session& session) {
  if (session.transaction != 0) end_transaction(std::exchange(session.transaction, 0), TransactionState::committed);
}

db::Answer Warehouse::ok(Call&) { return {{"status"}, {{"Statement executed successfully."}}}; }

db::Answer Warehouse::begin(Call& call) {
  if (call.session.transaction == 0) {
    transactions_.push_back(TransactionState::open);
    call.session.transaction = static_cast<std::int64_t>(transactions_.size()) - 1;
    call.session.transaction_name = call.holes[0];
  }
  return ok(call);
}

db::Answer Warehouse::commit(Call& call) {
  commit_open(call.session);
  return ok(call);
}

db::Answer Warehouse::rollback(Call& call) {
  if (call.session.transaction != 0) end_transaction(std::exchange(call.session.transaction, 0), TransactionState::aborted);
  return ok(call);
}

db::Answer Warehouse::show_transactions(Call&) {
  db::Answer answer{{"id", "user", "session", "name", "state"}, {}};
  for (const auto& [id, session] : sessions_) {
    if (session.transaction == 0) continue;
    answer.rows.push_back({std::to_string(session.transaction), "LOADER", std::to_string(id), session.transaction_name, "running"});
  }
  return answer;
}

// Its session lives on: what it sends afterwards is committed statement by statement.
db::Answer Warehouse::abort_transaction(Call& call) {
  const std::int64_t wanted = read_number(call.holes[0]);
  const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& s) { return s.second.transaction == wanted; });
  if (wanted != 0 && found != sessions_.end()) end_transaction(std::exchange(found->second.transaction, 0), TransactionState::aborted);
  return ok(call);
}

db::Answer Warehouse::abort_session(Call& call) {
  const std::int64_t wanted = read_number(call.holes[0]);
  if (!sessions_.contains(wanted)) throw_sql("000707", "57014", "there is no such session");
  for (Statement& statement : statements_) {
    if (statement.session == wanted && statement.status == "RUNNING") statement.status = "FAILED_WITH_ERROR";
  }
  expire_session(wanted);
  return ok(call);
}

db::Answer Warehouse::dispatch(Session& session, const std::string& sql, CopyFault fault) {
  for (const Shape& shape : shapes_) {
    if (auto holes = match(sql, shape.text)) {
      Call call{session, std::move(*holes), fault};
      return (this->*shape.handler)(call);
    }
  }
  world_.violate("the simulated warehouse does not know this statement (tests/simulation/warehouse_shapes.cc): " + sql);
}

db::Answer Warehouse::run(std::int64_t session, const std::string& sql, const std::string& tag, CopyFault fault) {
  Session& own = sessions_.at(session);
  if (own.is_gone) throw_sql("390112", "08001", "the session has expired");
  const std::size_t number = statements_.size();
  statements_.push_back({static_cast<std::int64_t>(number), tag, "RUNNING", session});
  try {
    db::Answer answer = dispatch(own, sql, fault);
    statements_[number].status = "SUCCESS";
    return answer;
  } catch (...) {
    statements_[number].status = "FAILED_WITH_ERROR";
    throw;
  }
}

void Warehouse::run_later(std::int64_t session, const std::string& sql, const std::string& tag, std::int64_t delay) {
  const std::size_t number = statements_.size();
  statements_.push_back({static_cast<std::int64_t>(number), tag, "RUNNING", session});
  world_.at(world_.now() + delay, [this, session, sql, number] {
    if (statements_[number].status != "RUNNING") return;  // somebody cancelled it
    try {
      dispatch(sessions_.at(session), sql, CopyFault::none);
      statements_[number].status = "SUCCESS";
    } catch (const ImednetError&) {
      statements_[number].status = "FAILED_WITH_ERROR";
    }
    world_.trace(fmt::format("late statement: {}", statements_[number].status));
  });
}

}  // namespace imednet::simulation
