#pragma once

#include <httplib.h>

#include <string>
#include <vector>

#include "sandbox/edc/order_book.h"
#include "sandbox/edc/request_log.h"
#include "sandbox/edc/study_store.h"

namespace imednet::sandbox::edc {

// The routes below /sandbox: fault orders, the log of requests, and changes to a study's records.
class ControlHandler {
 public:
  ControlHandler(StudyStore& store, OrderBook& orders, RequestLog& log) : store_(store), orders_(orders), log_(log) {}

  void handle(const httplib::Request& request, httplib::Response& response);

 private:
  using Segments = std::vector<std::string>;

  nlohmann::ordered_json route(const httplib::Request& request, const Segments& segments);
  nlohmann::ordered_json orders(const httplib::Request& request);
  nlohmann::ordered_json change(const httplib::Request& request, const Segments& segments);

  StudyStore& store_;
  OrderBook& orders_;
  RequestLog& log_;
};

}  // namespace imednet::sandbox::edc
