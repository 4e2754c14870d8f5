#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace imednet::sandbox::snowflake {

// What goes wrong with one statement.
struct StatementFault {
  // An error in place of the answer; empty code: none.
  std::string code;
  std::string sql_state;
  std::string message;
  bool after_running = false;  // the statement has its effect, only its answer is the error
  // PUT is told another place than the stage, so that the client reports success and the stage stays as it was.
  bool lose_upload = false;
};

// Faults that a test orders for statements to come.
class StatementOrders {
 public:
  // {"match": {"statement_contains", "nth", "times"}, "do": {…}}, one or a list. Throws std::invalid_argument.
  void add(const nlohmann::json& orders);
  void clear();
  // Of each order, how often it matched and fired.
  nlohmann::json list() const;
  // The fault of the first order that fires for this text; every order that matches counts it.
  std::optional<StatementFault> fault_for(const std::string& text);

 private:
  struct Order {
    std::string contains;  // upper case
    int64_t nth = 1;
    int64_t times = 1;  // 0: from then on
    StatementFault fault;
    int64_t matched = 0;
    int64_t fired = 0;
  };
  static Order parse(const nlohmann::json& json);

  mutable std::mutex mutex_;
  std::vector<Order> orders_;
};

}  // namespace imednet::sandbox::snowflake
