#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace imednet::sandbox::snowflake {

// What goes wrong with one statement. At most one of the first group, together with what else is wanted.
struct StatementFault {
  // An error in place of the answer; empty code: none.
  std::string code;
  std::string sql_state;
  std::string message;
  // PUT is told another place than the stage, so that the client reports success and the stage stays as it was.
  bool lose_upload = false;
  // The statement has its effect; then the connection is cut in place of so many answers, replays of the request included.
  int64_t cut_answers = 0;
  // PUT and GET are given credentials that the store refuses: "expired" or "unknown".
  std::string store_credentials;
  // COPY loads at most so many rows of each file, and says PARTIALLY_LOADED.
  std::optional<int64_t> copy_rows;
  // COPY loads nothing and says that there was nothing to load.
  bool copy_nothing = false;
  // The statement does not run: its session has expired. "token": it can be renewed; "master": not even that.
  std::string expire;

  // The statement has its effect and the answer is false: these columns say something else in every row, and so many rows at the end are
  // left out.
  std::map<std::string, std::string> say;
  int64_t forget_rows = 0;

  // The error, the delay or the other statement comes after the statement had its effect.
  bool after_running = false;
  int64_t delay_ms = 0;
  // A statement that somebody else runs at that moment.
  std::string run;
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
