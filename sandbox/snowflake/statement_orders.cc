#include "statement_orders.h"

#include <set>
#include <stdexcept>

#include "identifier.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

constexpr int64_t kLongestDelayMs = 600'000;

// A misspelt order must not be one that never fires.
void require_known(const Json& json, const char* where, const std::set<std::string>& names) {
  if (!json.is_object()) throw std::invalid_argument(std::string(where) + " must be an object");
  for (const auto& [name, value] : json.items()) {
    if (!names.contains(name)) throw std::invalid_argument(std::string(where) + " knows no " + name);
  }
}

void read_failure(const Json& fail, StatementFault& fault) {
  require_known(fail, "fail", {"code", "sql_state", "message"});
  fault.code = fail.value("code", std::string());
  fault.sql_state = fail.value("sql_state", std::string("XX000"));
  fault.message = fail.value("message", std::string("Ordered to fail."));
  if (fault.code.empty() || fault.code.find_first_not_of("0123456789") != std::string::npos)
    throw std::invalid_argument("fail needs a code of digits");
}

StatementFault read_fault(const Json& action) {
  require_known(action, "do",
                {"fail", "lose_upload", "store_credentials", "cut_answers", "copy_rows", "copy_nothing", "expire", "say", "forget_rows",
                 "after_running", "delay_ms", "run"});
  StatementFault fault;
  if (action.contains("fail")) read_failure(action.at("fail"), fault);
  fault.lose_upload = action.value("lose_upload", false);
  fault.store_credentials = action.value("store_credentials", "");
  if (!fault.store_credentials.empty() && fault.store_credentials != "expired" && fault.store_credentials != "unknown")
    throw std::invalid_argument("store_credentials: expired or unknown");
  fault.cut_answers = action.value("cut_answers", int64_t{0});
  if (action.contains("copy_rows")) fault.copy_rows = action.at("copy_rows").get<int64_t>();
  fault.copy_nothing = action.value("copy_nothing", false);
  fault.expire = action.value("expire", std::string());
  if (action.contains("say")) fault.say = action.at("say").get<std::map<std::string, std::string>>();
  fault.forget_rows = action.value("forget_rows", int64_t{0});
  fault.after_running = action.value("after_running", false);
  fault.delay_ms = action.value("delay_ms", int64_t{0});
  fault.run = action.value("run", std::string());
  if (fault.cut_answers < 0 || fault.copy_rows.value_or(0) < 0 || fault.forget_rows < 0)
    throw std::invalid_argument("cut_answers, copy_rows and forget_rows count from 0");
  if (fault.delay_ms < 0 || fault.delay_ms > kLongestDelayMs) throw std::invalid_argument("delay_ms is at most ten minutes");
  if (!fault.expire.empty() && fault.expire != "token" && fault.expire != "master")
    throw std::invalid_argument("expire is token or master");
  const int things = static_cast<int>(!fault.code.empty()) + static_cast<int>(fault.lose_upload) + static_cast<int>(fault.cut_answers > 0) +
                     static_cast<int>(fault.copy_rows.has_value()) + static_cast<int>(fault.copy_nothing) +
                     static_cast<int>(!fault.expire.empty()) + static_cast<int>(!fault.store_credentials.empty());
  if (things > 1)
    throw std::invalid_argument("do one thing: fail, lose_upload, cut_answers, copy_rows, copy_nothing, store_credentials or expire");
  const bool is_false = !fault.say.empty() || fault.forget_rows > 0;
  if (things == 0 && fault.delay_ms == 0 && fault.run.empty() && !is_false) throw std::invalid_argument("do needs something to do");
  return fault;
}

}  // namespace

StatementOrders::Order StatementOrders::parse(const Json& json) {
  require_known(json, "an order", {"match", "do"});
  const Json match = json.value("match", Json::object());
  require_known(match, "match", {"statement_contains", "nth", "times"});
  Order order;
  order.contains = to_upper(match.value("statement_contains", std::string()));
  order.nth = match.value("nth", int64_t{1});
  order.times = match.value("times", int64_t{1});
  if (order.nth < 1 || order.times < 0) throw std::invalid_argument("nth counts from 1, times from 0");
  order.fault = read_fault(json.value("do", Json::object()));
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
