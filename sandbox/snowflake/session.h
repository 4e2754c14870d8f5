#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine.h"

namespace imednet::sandbox::snowflake {

// What a client changes with USE and ALTER SESSION.
struct SessionContext {
  std::string role = "SYSADMIN";
  std::string database;
  std::string schema;
  std::string warehouse;
  std::map<std::string, std::string> parameters;  // upper-case names
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
  Session(std::string session_id, std::string user_name, std::unique_ptr<EngineConnection> connection);
  ~Session();

  const std::string& id() const { return id_; }
  const std::string& user() const { return user_; }

  SessionContext context;
  std::string last_query_id;

  // One statement of a session at a time.
  std::mutex& statement_mutex() { return statement_mutex_; }

  bool in_transaction() const { return in_transaction_; }
  void begin();
  void commit();
  void rollback();

  ResultSet query(const std::string& sql);
  void for_each_text(const std::string& sql, const std::function<void(const Cell&)>& visit);
  // Runs all or none; counts the rows each touched. Conflicts with other sessions are retried.
  std::vector<long long> write_all(const std::vector<std::string>& statements);
  long long write(const std::string& statement) { return write_all({statement})[0]; }
  // DDL: commits an open transaction first, as Snowflake does.
  void define(const std::string& statement);
  void set_time_zone(const std::string& zone);
  void cancel() { connection_->cancel(); }

 private:
  void refresh_snapshot();
  void play_again();
  std::vector<long long> attempt(const std::vector<std::string>& statements);

  std::string id_;
  std::string user_;
  std::unique_ptr<EngineConnection> connection_;
  std::mutex statement_mutex_;
  bool in_transaction_ = false;
  std::vector<std::string> written_;  // in the open transaction
};

}  // namespace imednet::sandbox::snowflake
