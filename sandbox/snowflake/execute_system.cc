// SYSTEM$ functions, open transactions, and waiting for a table that another session holds.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr int64_t kLockTimeoutSeconds = 43200;              // LOCK_TIMEOUT by default [doc]
constexpr int64_t kIdleTransactionUs = 5LL * 60 * 1000000;  // an idle transaction that blocks another one is aborted [doc]

SqlError cancelled() { return SqlError("000604", "57014", "SQL execution canceled"); }

}  // namespace

// The argument is evaluated by the engine, so that a bind or LAST_QUERY_ID() may stand there.
std::optional<std::string> Executor::system_function(const std::string& name, const std::vector<std::string>& arguments) {
  if (name == "LAST_QUERY_ID") {
    asks_session_ = true;
    const ResultSet number = session_.query("SELECT CAST(" + (arguments.empty() ? std::string("-1") : arguments[0]) + " AS BIGINT)");
    const std::string known = session_.remembered_id(std::stoll(number.rows[0][0].value_or("-1")));
    return known.empty() ? std::string("CAST(NULL AS VARCHAR)") : quote_text(known);
  }
  if (name != "SYSTEM$CANCEL_QUERY" && name != "SYSTEM$ABORT_SESSION" && name != "SYSTEM$ABORT_TRANSACTION") return std::nullopt;
  if (arguments.size() != 1)
    throw SqlError("000938", "22023", "SQL compilation error:\nwrong number of arguments for function [" + name + "]");
  const std::string id = session_.query("SELECT CAST(" + arguments[0] + " AS VARCHAR)").rows[0][0].value_or("");
  if (name == "SYSTEM$CANCEL_QUERY") {
    const auto record = state_.queries.find(id);
    if (!record || !cancel_statement(*record)) return quote_text("Identified SQL statement is not currently executing.");
    return quote_text("query [" + id + "] terminated.");
  }
  if (name == "SYSTEM$ABORT_TRANSACTION") return quote_text(abort_transaction(id));
  if (!state_.end_session || !state_.end_session(id)) throw invalid_value("Session '" + id + "' does not exist.");
  return quote_text("session [" + id + "] terminated.");
}

// The user's own, or with ACCOUNTADMIN anybody's [doc]; those that have ended stay as they are [doc].
std::vector<std::shared_ptr<Session>> Executor::sessions_in_sight(bool everybody) const {
  std::vector<std::shared_ptr<Session>> all;
  if (!state_.all_sessions) return all;
  for (auto& one : state_.all_sessions()) {
    if (everybody || one->user() == session_.user()) all.push_back(std::move(one));
  }
  return all;
}

std::string Executor::abort_transaction(const std::string& id) {
  for (const auto& other : sessions_in_sight(session_.context.role == "ACCOUNTADMIN")) {
    const auto open = other->transaction();
    if (!open || std::to_string(open->id) != id) continue;
    if (other->id() == session_.id()) {
      session_.rollback();
      return "Transaction " + id + " aborted.";
    }
    if (other->abort_transaction(open->id)) return "Transaction " + id + " aborted.";
  }
  return "Transaction " + id + " is not running.";
}

StatementResult Executor::show_transactions(Translator& sql) {
  const bool everybody = sql.accept_word("IN");
  if (everybody) {
    sql.expect_word("ACCOUNT");
    if (session_.context.role != "ACCOUNTADMIN")
      throw SqlError("003001", "42501", "SQL access control error:\nInsufficient privileges to operate on account.");
  }
  sql.expect_end();
  StatementResult out;
  out.type = statement_type::kShow;
  out.result.columns = {
      number_column("id"),  text_column("user"),   number_column("session"), text_column("name"), timestamp_column("started_on"),
      text_column("state"), number_column("scope")};
  for (const auto& other : sessions_in_sight(everybody)) {
    const auto open = other->transaction();
    if (!open) continue;
    out.result.rows.push_back(
        {std::to_string(open->id), other->user(), other->id(), open->name, timestamp_cell(open->started_us), "running", "0"});
  }
  return out;
}

void Executor::lock(const TableDefinition& table, RowChange change) {
  if (table.session.empty()) {
    const auto given = session_.context.parameters.find("LOCK_TIMEOUT");
    TableLocks::Request request;
    request.session = session_.id();
    request.query_id = query_id_;
    request.table = table.id;
    request.table_name = table.name.name;
    request.change = change;
    request.wait_seconds =
        given == session_.context.parameters.end() ? kLockTimeoutSeconds : std::strtoll(given->second.c_str(), nullptr, 10);
    request.now_us = [this] { return state_.clock.now_us(); };
    request.while_waiting = [this](const std::string& holder) {
      if (session_.is_cancelled()) throw cancelled();
      abort_idle_transaction(holder);
    };
    state_.locks.take(request);
  }
}

// Before a statement changes a table's rows: a warehouse, the table itself, and what others committed meanwhile.
void Executor::prepare_change(const TableDefinition& table, RowChange change) {
  use_warehouse();
  lock(table, change);
  session_.catch_up(touched_);
}

// Only when nothing of that session runs.
void Executor::abort_idle_transaction(const std::string& session) {
  const auto other = state_.find_session ? state_.find_session(session) : nullptr;
  if (!other || other->id() == session_.id() || state_.clock.now_us() < other->idle_since_us() + kIdleTransactionUs) return;
  const std::unique_lock busy(other->statement_mutex(), std::try_to_lock);
  if (busy.owns_lock()) other->rollback();
}

}  // namespace imednet::sandbox::snowflake
