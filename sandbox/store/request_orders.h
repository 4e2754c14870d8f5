// request_orders.h: faults that a test orders for requests to come, on the Snowflake server and on the object store alike.
#pragma once

#include <httplib.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace imednet::sandbox::store {

struct RequestFault {
  std::int64_t delay_ms = 0;  // first of all
  // In place of the answer; the request has no effect, unless `after`.
  int status = 0;
  std::string code;                 // with a status: the server's own word for the error; else its usual one
  std::optional<std::string> body;  // with or without a status
  std::string content_type = "text/plain";
  std::string retry_after;
  std::string credentials;  // on the store: "expired" or "refused", answered as it answers that
  std::string session;      // on the Snowflake server: "expired" (it can be renewed) or "lost" (it can't)
  bool after = false;       // the request had its effect
  // The connection ends in place of the answer: "before" or "after" the effect.
  std::string cut;
  std::optional<std::size_t> truncate;  // the answer's body ends after so many bytes, and the connection with it

  bool answers_instead() const { return status != 0 || body || !credentials.empty() || !session.empty(); }
};

class RequestOrders {
 public:
  // {"match": {"server", "method", "path_contains", "nth", "times"}, "do": {…}}, one or a list. Throws std::invalid_argument.
  void add(const nlohmann::json& orders);
  void clear();
  // Of each order, how often it matched and fired.
  nlohmann::json list() const;
  // The fault of the first order that fires for this request; every order that matches counts it. `target` as sent.
  std::optional<RequestFault> fault_for(const std::string& server, const std::string& method, const std::string& target);

 private:
  struct Order {
    nlohmann::json match;
    std::string server, method, path_contains;
    std::int64_t nth = 1;
    std::int64_t times = 1;  // 0: from then on
    RequestFault fault;
    std::int64_t matched = 0;
    std::int64_t fired = 0;
  };
  static Order parse(const nlohmann::json& json);

  mutable std::mutex mutex_;
  std::vector<Order> orders_;
};

// One request, as its server carries it out.
struct Carried {
  const char* server = "store";
  std::function<void()> drain;                      // reads what is left of the request's body
  std::function<void()> act;                        // has the effect, and answers
  std::function<void(const RequestFault&)> refuse;  // answers as this server would to that fault
};
// With the fault that was ordered for it, if any.
void carry_out(RequestOrders* orders, const httplib::Request& request, httplib::Response& response, const Carried& carried);

}  // namespace imednet::sandbox::store
