// sandbox_process.h: the sandbox's Snowflake as a process of its own, and what a test may ask and order of it.
//
// It is started before the driver is loaded: a process with the driver in it must not fork.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "e2e_cpp/child_process.h"

namespace imednet::e2e {

using Row = std::vector<std::optional<std::string>>;

class SandboxProcess {
 public:
  // Starts `program snowflake --allow-faults` and waits for its line of addresses. Throws std::runtime_error.
  SandboxProcess(const std::filesystem::path& program, const std::filesystem::path& data_dir);

  // What a client needs: host, port, account, user, password, database, schema, warehouse, stage.
  std::string text(const char* name) const { return addresses_.at(name).get<std::string>(); }
  int port() const { return addresses_.at("port").get<int>(); }

  // Rows of a statement run in a session of its own kind. Throws std::runtime_error with the server's code.
  std::vector<Row> sql(const std::string& text);
  // The first cell of the first row.
  std::string value(const std::string& text);

  // Orders a fault: see sandbox/README.md.
  void order(const nlohmann::json& order);
  void clear_orders();
  void expire_sessions();
  // What was seen: sign-ins without secrets, statements from the oldest to the newest.
  nlohmann::json logins();
  std::vector<std::string> statements();
  // How many statements begin with these words.
  std::size_t count_of(const std::string& begin);

 private:
  nlohmann::json call(const char* method, const std::string& path, const nlohmann::json& body);
  void sign_in();

  ChildProcess process_;
  nlohmann::json addresses_;
  std::string token_;
  int requests_ = 0;
};

}  // namespace imednet::e2e
