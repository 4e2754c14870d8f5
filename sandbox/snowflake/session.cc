#include "session.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "identifier.h"
#include "query_log.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr int kMostAttempts = 200;
constexpr std::chrono::milliseconds kBetweenAttempts{20};

// As the service's: about the time, and no two alike.
int64_t next_transaction_id(int64_t now_us) {
  static std::atomic<int64_t> last = 0;
  int64_t before = last;
  int64_t id = 0;
  do {
    id = std::max(before + 1, now_us * 1000);
  } while (!last.compare_exchange_weak(before, id));
  return id;
}

bool is_conflict(const std::string& message) {
  return message.find("onflict") != std::string::npos && message.find("ransaction") != std::string::npos;
}

}  // namespace

Session::Session(std::string session_id, std::string user_name, std::unique_ptr<EngineConnection> connection, TableLocks& locks)
    : id_(std::move(session_id)), user_(std::move(user_name)), connection_(std::move(connection)), locks_(locks) {}

Session::~Session() {
  try {
    rollback();
  } catch (const EngineError&) {
    // The connection goes away next, and the transaction with it.
  }
  locks_.release(id_, false);
}

void Session::end_statement(bool succeeded, int64_t now_us) {
  if (!in_transaction_) locks_.release(id_, succeeded);
  idle_since_us_ = now_us;
}

void Session::show_transaction(std::optional<Transaction> transaction) {
  const std::lock_guard lock(transaction_mutex_);
  transaction_ = std::move(transaction);
}

std::optional<Session::Transaction> Session::transaction() const {
  const std::lock_guard lock(transaction_mutex_);
  return transaction_;
}

void Session::begin(int64_t now_us, const std::string& name) {
  if (in_transaction_) return;
  begin_engine();
  in_transaction_ = true;
  written_.clear();
  show_transaction(Transaction{next_transaction_id(now_us), name.empty() ? new_uuid() : name, now_us});
}

// What runs in it holds the session's mutex until it has noticed that it was cancelled.
bool Session::abort_transaction(int64_t id) {
  const auto is_open = [&] {
    const auto open = transaction();
    return open && open->id == id;
  };
  std::unique_lock mine(statement_mutex_, std::try_to_lock);
  while (!mine.owns_lock()) {
    if (!is_open()) return false;
    cancel();
    std::this_thread::sleep_for(kBetweenAttempts);
    mine.try_lock();
  }
  if (!is_open()) return false;
  rollback();
  return true;
}

void Session::commit() {
  if (!in_transaction_) return;
  in_transaction_ = false;
  show_transaction(std::nullopt);
  written_.clear();
  try {
    connection_->run("COMMIT");
  } catch (const EngineError&) {
    locks_.release(id_, false);
    throw;
  }
  locks_.release(id_, true);
}

void Session::rollback() {
  if (!in_transaction_) return;
  in_transaction_ = false;
  show_transaction(std::nullopt);
  written_.clear();
  connection_->run("ROLLBACK");
  locks_.release(id_, false);
}

void Session::begin_engine() {
  seen_version_ = locks_.version();
  connection_->run("BEGIN TRANSACTION");
}

// Snowflake reads what is committed when a statement starts; the engine when the transaction
// starts. As long as nothing was written a new transaction is the same one.
void Session::refresh_snapshot() {
  if (!in_transaction_ || !written_.empty()) return;
  connection_->run("COMMIT");
  begin_engine();
}

void Session::catch_up(const std::set<int64_t>& tables) {
  if (!in_transaction_ || written_.empty()) return;
  const bool is_behind = std::any_of(tables.begin(), tables.end(), [&](int64_t table) { return locks_.version(table) > seen_version_; });
  if (is_behind) play_again();
}

void Session::play_again() {
  if (!in_transaction_) return;
  try {
    connection_->run("ROLLBACK");
  } catch (const EngineError&) {
    // Already rolled back by the engine.
  }
  begin_engine();
  for (const std::string& statement : written_) connection_->run(statement);
}

ResultSet Session::query(const std::string& sql) {
  refresh_snapshot();
  try {
    return connection_->query(sql);
  } catch (const EngineError&) {
    play_again();
    throw;
  }
}

void Session::for_each_text(const std::string& sql, const std::function<void(const Cell&)>& visit) {
  refresh_snapshot();
  try {
    connection_->for_each_text(sql, visit);
  } catch (const EngineError&) {
    play_again();
    throw;
  }
}

std::vector<long long> Session::write_all(const std::vector<std::string>& statements) {
  for (int tried = 1;; ++tried) {
    refresh_snapshot();
    try {
      return attempt(statements);
    } catch (const EngineError& error) {
      if (tried >= kMostAttempts || !is_conflict(error.what())) throw;
    }
    if (is_cancelled_) throw SqlError("000604", "57014", "SQL execution canceled");
    std::this_thread::sleep_for(kBetweenAttempts);
  }
}

std::vector<long long> Session::attempt(const std::vector<std::string>& statements) {
  const bool own = !in_transaction_ && statements.size() > 1;
  if (own) connection_->run("BEGIN TRANSACTION");
  std::vector<long long> counts;
  try {
    for (const std::string& statement : statements) counts.push_back(connection_->run_counting(statement));
    if (own) connection_->run("COMMIT");
  } catch (const EngineError& error) {
    if (own) {
      try {
        connection_->run("ROLLBACK");
      } catch (const EngineError&) {
        // A failed COMMIT has already rolled back.
      }
    }
    play_again();
    throw StepError(error.what(), counts.size());
  }
  if (in_transaction_) written_.insert(written_.end(), statements.begin(), statements.end());
  return counts;
}

void Session::define(const std::string& statement) {
  commit();
  write(statement);
}

// Small results only, and of the last statements: a copy is kept of each.
void Session::remember(const std::string& query_id, const ResultSet& result) {
  constexpr size_t kMostResults = 20;
  constexpr size_t kMostRows = 10000;
  results_.emplace_back(query_id, result.rows.size() > kMostRows ? nullptr : std::make_shared<const ResultSet>(result));
  if (results_.size() > kMostResults) results_.erase(results_.begin());
}

std::shared_ptr<const ResultSet> Session::result_of(const std::string& query_id) const {
  for (const auto& [id, result] : results_) {
    if (id == query_id) return result;
  }
  return nullptr;
}

std::string Session::remembered_id(long long number) const {
  const long long count = static_cast<long long>(results_.size());
  const long long at = number < 0 ? count + number : number - 1;
  return at < 0 || at >= count ? std::string() : results_[static_cast<size_t>(at)].first;
}

void Session::set_time_zone(const std::string& zone) {
  try {
    connection_->run("SET TimeZone = " + quote_text(zone));
  } catch (const EngineError&) {
    throw invalid_value("invalid value '" + zone + "' for parameter 'TIMEZONE'");
  }
}

}  // namespace imednet::sandbox::snowflake
