#include "sandbox/store/request_orders.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>

#include "sandbox/store/connection.h"
#include "sandbox/store/s3_signature.h"

namespace imednet::sandbox::store {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kLongestDelayMs = 600'000;
constexpr std::size_t kMostOrders = 1000;

void require(bool is_so, const char* what) {
  if (!is_so) throw std::invalid_argument(what);
}

// A misspelt order must not be one that never fires.
void require_known(const Json& json, const char* where, const std::set<std::string>& names) {
  if (!json.is_object()) throw std::invalid_argument(std::string(where) + " must be an object");
  for (const auto& [name, value] : json.items()) {
    if (!names.contains(name)) throw std::invalid_argument(std::string(where) + " knows no " + name);
  }
}

RequestFault read_fault(const Json& action, const std::string& server) {
  require_known(
      action, "do",
      {"delay_ms", "status", "code", "body", "content_type", "retry_after", "credentials", "session", "after", "cut", "truncate"});
  RequestFault fault;
  fault.delay_ms = action.value("delay_ms", std::int64_t{0});
  fault.status = action.value("status", 0);
  fault.code = action.value("code", "");
  if (action.contains("body")) fault.body = action.at("body").get<std::string>();
  fault.content_type = action.value("content_type", fault.content_type);
  fault.retry_after = action.value("retry_after", "");
  fault.credentials = action.value("credentials", "");
  fault.session = action.value("session", "");
  fault.after = action.value("after", false);
  fault.cut = action.value("cut", "");
  if (action.contains("truncate")) fault.truncate = action.at("truncate").get<std::size_t>();
  require(fault.delay_ms >= 0 && fault.delay_ms <= kLongestDelayMs, "delay_ms is at most ten minutes");
  require(fault.status == 0 || (fault.status >= 200 && fault.status <= 599), "status is 200 to 599");
  require(fault.cut.empty() || fault.cut == "before" || fault.cut == "after", "cut is before or after");
  require(fault.credentials.empty() || fault.credentials == "expired" || fault.credentials == "refused", "credentials: expired or refused");
  require(fault.session.empty() || fault.session == "expired" || fault.session == "lost", "session: expired or lost");
  require(fault.credentials.empty() || server == "store", "credentials are the store's: match server store");
  require(fault.session.empty() || server == "snowflake", "sessions are Snowflake's: match server snowflake");
  const int things =
      static_cast<int>(fault.answers_instead()) + static_cast<int>(!fault.cut.empty()) + static_cast<int>(fault.truncate.has_value());
  require(things <= 1, "do one thing: an answer (status, body, credentials, session), cut or truncate");
  require(things == 1 || fault.delay_ms > 0, "do needs something to do");
  return fault;
}

void cut_short(httplib::Response& response, std::size_t kept) {
  const std::string body = response.body;
  const auto provider = response.content_provider_;
  const std::size_t whole = provider ? response.content_length_ : body.size();
  kept = std::min(kept, whole > 0 ? whole - 1 : 0);
  const std::string type = response.get_header_value("Content-Type");
  response.headers.erase("Content-Type");
  response.body.clear();
  response.set_content_provider(whole, type, [body, provider, kept](std::size_t offset, std::size_t, httplib::DataSink& sink) {
    if (offset >= kept) return false;  // and the library ends the connection
    if (provider) return provider(offset, kept - offset, sink);
    return sink.write(body.data() + offset, kept - offset);
  });
}

void answer_instead(const RequestFault& fault, httplib::Response& response, const Carried& carried) {
  response = httplib::Response();
  if (fault.body) {
    response.status = fault.status == 0 ? 200 : fault.status;
    response.set_content(*fault.body, fault.content_type);
  } else {
    carried.refuse(fault);
  }
  if (!fault.retry_after.empty()) response.set_header("Retry-After", fault.retry_after);
}

}  // namespace

RequestOrders::Order RequestOrders::parse(const Json& json) {
  require_known(json, "an order", {"match", "do"});
  Order order;
  order.match = json.value("match", Json::object());
  require_known(order.match, "match", {"server", "method", "path_contains", "nth", "times"});
  order.server = order.match.value("server", "");
  order.method = order.match.value("method", "");
  order.path_contains = order.match.value("path_contains", "");
  order.nth = order.match.value("nth", std::int64_t{1});
  order.times = order.match.value("times", std::int64_t{1});
  require(order.server == "snowflake" || order.server == "store", "match needs server: snowflake or store");
  require(order.nth >= 1 && order.times >= 0, "nth counts from 1, times from 0");
  order.fault = read_fault(json.value("do", Json::object()), order.server);
  return order;
}

void RequestOrders::add(const Json& orders) {
  std::vector<Order> parsed;
  for (const Json& one : orders.is_array() ? orders : Json::array({orders})) parsed.push_back(parse(one));
  const std::lock_guard lock(mutex_);
  require(orders_.size() + parsed.size() <= kMostOrders, "too many orders; clear them first");
  orders_.insert(orders_.end(), parsed.begin(), parsed.end());
}

void RequestOrders::clear() {
  const std::lock_guard lock(mutex_);
  orders_.clear();
}

Json RequestOrders::list() const {
  const std::lock_guard lock(mutex_);
  Json out = Json::array();
  for (const Order& order : orders_) {
    Json one = order.match;
    one["matched"] = order.matched;
    one["fired"] = order.fired;
    out.push_back(std::move(one));
  }
  return out;
}

std::optional<RequestFault> RequestOrders::fault_for(const std::string& server, const std::string& method, const std::string& target) {
  const std::lock_guard lock(mutex_);
  if (orders_.empty()) return std::nullopt;
  const std::string path = percent_decoded(target);
  std::optional<RequestFault> fault;
  for (Order& order : orders_) {
    if (order.server != server || (!order.method.empty() && order.method != method) || path.find(order.path_contains) == std::string::npos)
      continue;
    ++order.matched;
    const bool due = order.matched >= order.nth && (order.times == 0 || order.matched < order.nth + order.times);
    if (!due || fault) continue;
    ++order.fired;
    fault = order.fault;
  }
  return fault;
}

void carry_out(RequestOrders* orders, const httplib::Request& request, httplib::Response& response, const Carried& carried) {
  const auto fault = orders == nullptr ? std::nullopt : orders->fault_for(carried.server, request.method, request.target);
  if (!fault) return carried.act();
  std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms));
  if (fault->cut == "before") return end_connection(request);
  if (fault->answers_instead() && !fault->after) {
    carried.drain();  // a client that still sends would not read the answer
    return answer_instead(*fault, response, carried);
  }
  carried.act();
  if (fault->cut == "after") return end_connection(request);
  if (fault->answers_instead()) return answer_instead(*fault, response, carried);
  if (fault->truncate) cut_short(response, *fault->truncate);
}

}  // namespace imednet::sandbox::store
