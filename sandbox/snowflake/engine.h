#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "result_set.h"

namespace imednet::sandbox::snowflake {

// The engine's own message; execute_*.cc turn it into a Snowflake error.
class EngineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One connection: one statement at a time, except cancel(), which any thread may call.
class EngineConnection {
 public:
  struct State;
  explicit EngineConnection(std::unique_ptr<State> state);
  ~EngineConnection();

  ResultSet query(const std::string& sql);
  void run(const std::string& sql) { query(sql); }
  // First column of each row as text, one row at a time, so a big column need not be held.
  void for_each_text(const std::string& sql, const std::function<void(const Cell&)>& visit);
  // Rows an INSERT, UPDATE or DELETE says it touched.
  long long run_counting(const std::string& sql);
  void cancel();

 private:
  std::unique_ptr<State> state_;
};

// DuckDB through its ADBC entry point: one database file, many connections.
class Engine {
 public:
  Engine(const std::filesystem::path& library, const std::filesystem::path& database_file);
  ~Engine();
  std::unique_ptr<EngineConnection> connect();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::sandbox::snowflake
