#include "statement_orders.h"

#include <set>
#include <stdexcept>

#include "identifier.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

// A misspelt order must not be one that never fires.
void require_known(const Json& json, const char* where, const std::set<std::string>& names) {
  if (!json.is_object()) throw std::invalid_argument(std::string(where) + " must be an object");
  for (const auto& [name, value] : json.items()) {
    if (!names.contains(name)) throw std::invalid_argument(std::string(where) + " knows no " + name);
  }
}

}  // namespace

StatementOrders::Order StatementOrders::parse(const Json& json) {
  require_known(json, "an order", {"match", "do"});
  const Json match = json.value("match", Json::object());
  const Json action = json.value("do", Json::object());
  require_known(match, "match", {"statement_contains", "nth", "times"});
  require_known(action, "do", {"fail", "after_running", "lose_upload"});
  Order order;
  order.contains = to_upper(match.value("statement_contains", std::string()));
  order.nth = match.value("nth", int64_t{1});
  order.times = match.value("times", int64_t{1});
  order.fault.lose_upload = action.value("lose_upload", false);
  order.fault.after_running = action.value("after_running", false);
  if (action.contains("fail")) {
    const Json& fail = action.at("fail");
    require_known(fail, "fail", {"code", "sql_state", "message"});
    order.fault.code = fail.value("code", std::string());
    order.fault.sql_state = fail.value("sql_state", std::string("XX000"));
    order.fault.message = fail.value("message", std::string("Ordered to fail."));
    if (order.fault.code.empty() || order.fault.code.find_first_not_of("0123456789") != std::string::npos)
      throw std::invalid_argument("fail needs a code of digits");
  }
  if (order.fault.code.empty() != order.fault.lose_upload) throw std::invalid_argument("do needs fail or lose_upload");
  if (order.nth < 1 || order.times < 0) throw std::invalid_argument("nth counts from 1, times from 0");
  return order;
}

void StatementOrders::add(const Json& orders) {
  std::vector<Order> parsed;
  for (const Json& one : orders.is_array() ? orders : Json::array({orders})) parsed.push_back(parse(one));
  const std::lock_guard lock(mutex_);
  orders_.insert(orders_.end(), parsed.begin(), parsed.end());
}

void StatementOrders::clear() {
  const std::lock_guard lock(mutex_);
  orders_.clear();
}

Json StatementOrders::list() const {
  const std::lock_guard lock(mutex_);
  Json out = Json::array();
  for (const Order& order : orders_)
    out.push_back({{"statement_contains", order.contains}, {"matched", order.matched}, {"fired", order.fired}});
  return out;
}

std::optional<StatementFault> StatementOrders::fault_for(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (orders_.empty()) return std::nullopt;
  const std::string upper = to_upper(text);
  std::optional<StatementFault> fault;
  for (Order& order : orders_) {
    if (upper.find(order.contains) == std::string::npos) continue;
    ++order.matched;
    const bool due = order.matched >= order.nth && (order.times == 0 || order.matched < order.nth + order.times);
    if (!due || fault) continue;
    ++order.fired;
    fault = order.fault;
  }
  return fault;
}

}  // namespace imednet::sandbox::snowflake
