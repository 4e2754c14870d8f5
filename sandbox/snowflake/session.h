#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine.h"
#include "table_locks.h"

namespace imednet::sandbox::snowflake {

// What a client changes with USE and ALTER SESSION.
struct SessionContext {
  std::string role = "SYSADMIN";
  std::string database;
  std::string schema;
  std::string warehouse;
  std::map<std::string, std::string> parameters;  // upper-case names
};

// What the clients differ in. [seen]
struct ClientTraits {
  std::string app;                    // CLIENT_APP_ID
  bool wants_text_ids = false;        // of master keys: the Rust core reads a text only, the others a number only
  bool wants_bucket_in_host = false;  // the Python connector 4 writes <bucket>.<host> whatever the host is
};

// A list of statements failed at this one.
class StepError : public EngineError {
 public:
  StepError(const std::string& message, size_t step) : EngineError(message), step_(step) {}
  size_t step() const { return step_; }

 private:
  size_t step_;
};

// One signed-in client: its own engine connection, its own transaction.
//
// The engine ends a transaction at the first error, Snowflake leaves it open. So the statements
// of an open transaction are remembered; after an error they are played again in a fresh one.
class Session {
 public:
  Session(std::string session_id, std::string user_name, std::unique_ptr<EngineConnection> connection, TableLocks& locks);
  ~Session();

  const std::string& id() const { return id_; }
  const std::string& user() const { return user_; }

  SessionContext context;
  ClientTraits client;
  std::string role_restriction;  // the only role it may take; empty: any of its user
  std::string last_query_id;
  // Of this session's statements, newest last: what RESULT_SCAN reads. Nothing when it is not known (any more).
  void remember(const std::string& query_id, const ResultSet& result);
  std::shared_ptr<const ResultSet> result_of(const std::string& query_id) const;
  // The id of the so-manieth of those, from the end where negative; "" when there is none.
  std::string remembered_id(long long number) const;

  // One statement of a session at a time.
  std::mutex& statement_mutex() { return statement_mutex_; }

  // Of a statement: forgets that an earlier one was cancelled.
  void start_statement() { is_cancelled_ = false; }
  // After a statement: outside of a transaction its locks end with it.
  void end_statement(bool succeeded, int64_t now_us);
  bool is_cancelled() const { return is_cancelled_; }
  // When the last statement ended; a session in the middle of one is not idle.
  int64_t idle_since_us() const { return idle_since_us_; }

  bool in_transaction() const { return in_transaction_; }
  // Without a name it gets one of its own. [doc]
  void begin(int64_t now_us, const std::string& name = "");
  struct Transaction {
    int64_t id = 0;
    std::string name;
    int64_t started_us = 0;
  };
  // The open one, for other sessions to look at.
  std::optional<Transaction> transaction() const;
  // From another session: cancels what runs in it and rolls it back. False: that one is not open.
  bool abort_transaction(int64_t id);
  void commit();
  void rollback();

  // Makes what others committed to these tables visible to an open transaction too: Snowflake reads what is committed
  // when a statement starts. [doc]
  void catch_up(const std::set<int64_t>& tables);

  ResultSet query(const std::string& sql);
  void for_each_text(const std::string& sql, const std::function<void(const Cell&)>& visit);
  // Runs all or none; counts the rows each touched. Conflicts with other sessions are retried.
  std::vector<long long> write_all(const std::vector<std::string>& statements);
  long long write(const std::string& statement) { return write_all({statement})[0]; }
  // DDL: commits an open transaction first, as Snowflake does.
  void define(const std::string& statement);
  void set_time_zone(const std::string& zone);
  void cancel() {
    is_cancelled_ = true;
    connection_->cancel();
  }

 private:
  void begin_engine();
  void show_transaction(std::optional<Transaction> transaction);
  void refresh_snapshot();
  void play_again();
  std::vector<long long> attempt(const std::vector<std::string>& statements);

  std::string id_;
  std::string user_;
  std::unique_ptr<EngineConnection> connection_;
  std::mutex statement_mutex_;
  TableLocks& locks_;
  std::atomic<bool> is_cancelled_ = false;
  std::atomic<int64_t> idle_since_us_ = 0;
  bool in_transaction_ = false;
  mutable std::mutex transaction_mutex_;
  std::optional<Transaction> transaction_;
  std::vector<std::string> written_;  // in the open transaction
  std::vector<std::pair<std::string, std::shared_ptr<const ResultSet>>> results_;
  int64_t seen_version_ = 0;  // of all tables, when the engine's transaction began
};

}  // namespace imednet::sandbox::snowflake
