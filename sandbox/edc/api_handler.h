#pragma once

#include <httplib.h>

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "sandbox/edc/answer.h"
#include "sandbox/edc/list_answer.h"
#include "sandbox/edc/order_book.h"
#include "sandbox/edc/record_intake.h"
#include "sandbox/edc/request_log.h"
#include "sandbox/edc/stop_signal.h"
#include "sandbox/edc/study_store.h"

namespace imednet::sandbox::edc {

struct ApiKeys {
  std::string api_key;
  std::string security_key;
};

// The routes below /api/v1/edc.
class ApiHandler {
 public:
  ApiHandler(StudyStore& store, OrderBook& orders, RequestLog& log, ApiKeys keys, std::chrono::milliseconds latency);

  void handle(const httplib::Request& request, httplib::Response& response, const StopSignal& stop);

 private:
  struct Target;

  OrderAction apply_orders(const httplib::Request& request, const Target& target);
  Answer answer(const httplib::Request& request, const Target& target, const OrderAction& action);
  Answer list(const Target& target, const OrderAction& action);
  Answer take_records(const std::vector<std::string>& segments, const std::string& body);
  void require_study(const std::string& study_key) const;
  void check_headers(const httplib::Request& request) const;
  std::shared_ptr<const Table> find_table(const Target& target, const std::vector<std::string>& segments) const;
  std::string repeated_or(const std::string& path, std::string body, bool repeat);

  StudyStore& store_;
  RecordIntake intake_;
  OrderBook& orders_;
  RequestLog& log_;
  ApiKeys keys_;
  std::chrono::milliseconds latency_;
  std::mutex mutex_;
  std::map<std::string, std::string> last_body_by_path_;  // for repeated pages, so only while there are orders
};

}  // namespace imednet::sandbox::edc
