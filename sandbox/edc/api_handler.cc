#include "sandbox/edc/api_handler.h"

#include <stdexcept>

#include "sandbox/edc/answer_writer.h"
#include "sandbox/edc/connection_server.h"
#include "sandbox/edc/envelope.h"
#include "sandbox/edc/order_answer.h"
#include "sandbox/edc/query_string.h"
#include "sandbox/edc/request_error.h"

namespace imednet::sandbox::edc {
namespace {

RequestError no_such_route() { return RequestError(404, kServerError, "There is no such resource"); }

bool names_json(const std::string& media_types, bool or_anything) {
  return media_types.find("application/json") != std::string::npos || (or_anything && media_types.find("*/*") != std::string::npos);
}

// Takes as long wherever they differ.
bool same_key(const std::string& left, const std::string& right) {
  unsigned difference = left.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
    difference |= static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i]);
  return difference == 0;
}

// Below /api/v1/edc/studies.
bool is_api(const std::vector<std::string>& segments) {
  return segments.size() >= 4 && segments[0] == "api" && segments[1] == "v1" && segments[2] == "edc" && segments[3] == "studies";
}

WireFault wire_fault(const OrderAction& action) {
  WireFault fault;
  fault.drop = action.drop;
  fault.cut_after = action.cut_body_after;
  fault.hang_after = action.hang_body_after;
  fault.per_byte = action.trickle;
  fault.padded_to = action.oversized_body;
  return fault;
}

}  // namespace

struct ApiHandler::Target {
  explicit Target(const std::string& text)
      : path(text.substr(0, text.find('?'))), query_text(path.size() < text.size() ? text.substr(path.size() + 1) : std::string()) {}

  std::string path;
  std::string query_text;
};

ApiHandler::ApiHandler(StudyStore& store, OrderBook& orders, RequestLog& log, ApiKeys keys, std::chrono::milliseconds latency)
    : store_(store), intake_(store), orders_(orders), log_(log), keys_(std::move(keys)), latency_(latency) {}

void ApiHandler::handle(const httplib::Request& request, httplib::Response& response, const StopSignal& stop) {
  const Target target(request.target);
  const OrderAction action = apply_orders(request, target);
  const auto wait = latency_ + action.delay;
  if (wait.count() > 0) {
    stop.sleep(wait);
  }
  if (action.hang) {
    log_.note(request.method, request.target, 0);
    hang(stop);
    drop_connection();
    return;
  }
  Answer made = action.answers_instead() ? ordered_answer(action, target.path) : answer(request, target, action);
  made.fault = wire_fault(action);
  log_.note(request.method, request.target, made.fault.drop ? 0 : made.status);
  write_answer(std::move(made), request, response, stop);
}

OrderAction ApiHandler::apply_orders(const httplib::Request& request, const Target& target) {
  OrderAction chosen;
  for (const OrderAction& action : orders_.arrived(request.method, target.path, percent_decoded(target.query_text, true))) {
    if (!action.changes_only) {
      chosen = action;
    }
    if (!action.change) {
      continue;
    }
    try {
      store_.change_records(action.change->study_key, action.change->change);
    } catch (const std::invalid_argument& error) {
      chosen = {};  // an order that cannot be carried out must not look like one that was
      chosen.status = 500;
      chosen.body = std::string("order not carried out: ") + error.what();
      return chosen;
    }
  }
  return chosen;
}

Answer ApiHandler::answer(const httplib::Request& request, const Target& target, const OrderAction& action) {
  try {
    check_headers(request);
    const auto segments = path_segments(target.path);
    const bool is_below_study = is_api(segments) && segments.size() > 5;
    if (request.method == "POST" && is_below_study && segments.size() == 6 && segments[5] == "records") {
      return take_records(segments, request.body);
    }
    if (request.method != "GET") {
      throw no_such_route();
    }
    if (is_below_study && segments.size() == 7 && segments[5] == "jobs") {
      require_study(segments[4]);
      Answer job;
      job.body = intake_.job(segments[4], segments[6]);
      return job;
    }
    return list(target, action);
  } catch (const RequestError& error) {
    Answer refused;
    refused.status = error.status;
    refused.body = error_body(target.path, error.status, error);
    return refused;
  }
}

void ApiHandler::check_headers(const httplib::Request& request) const {
  const bool is_known = same_key(request.get_header_value("x-api-key"), keys_.api_key);
  if (!same_key(request.get_header_value("x-imn-security-key"), keys_.security_key) || !is_known) {
    throw RequestError(401, kNoPermission, "The keys are missing or not known");
  }
  // Both are required by the vendor's pages, Content-Type even where there is no content.
  const std::string accept = request.get_header_value("Accept");
  if (!names_json(accept, true)) {
    throw bad_value("Accept", accept, "Accept: application/json is required");
  }
  const std::string content_type = request.get_header_value("Content-Type");
  if (!names_json(content_type, false)) {
    throw bad_value("Content-Type", content_type, "Content-Type: application/json is required");
  }
}

void ApiHandler::require_study(const std::string& study_key) const {
  if (!store_.has_study(study_key)) {
    throw RequestError(403, kNoPermission, "No permission for this study");
  }
}

Answer ApiHandler::take_records(const std::vector<std::string>& segments, const std::string& body) {
  constexpr int kAccepted = 202;
  require_study(segments[4]);
  Answer taken;
  taken.status = kAccepted;
  taken.body = intake_.take(segments[4], body);
  return taken;
}

std::shared_ptr<const Table> ApiHandler::find_table(const Target& target, const std::vector<std::string>& segments) const {
  // /api/v1/edc/studies and /api/v1/edc/studies/{studyKey}/{resource}
  if (!is_api(segments)) {
    throw no_such_route();
  }
  if (segments.size() == 4) {
    return store_.studies();
  }
  require_study(segments[4]);
  const Resource* resource = segments.size() == 6 ? find_resource(segments[5]) : nullptr;
  if (resource == nullptr || resource->name == "studies" || target.path.back() == '/') {
    throw no_such_route();
  }
  return store_.table(segments[4], *resource);
}

Answer ApiHandler::list(const Target& target, const OrderAction& action) {
  const auto table = find_table(target, path_segments(target.path));
  const ListRequest request = parse_list_request(QueryString(target.query_text), table->resource());
  const ListFaults faults{action.ignore_filter, action.ignore_sort, action.endless_pages, action.wrong_total, action.clock_offset};
  Answer listed;
  listed.body = repeated_or(target.path, list_answer(*table, request, target.path, faults), action.repeat_page);
  return listed;
}

std::string ApiHandler::repeated_or(const std::string& path, std::string body, bool repeat) {
  if (!orders_.in_force()) {
    return body;
  }
  const std::scoped_lock lock(mutex_);
  std::string& last = last_body_by_path_[path];
  if (repeat && !last.empty()) {
    return last;
  }
  last = body;
  return body;
}

}  // namespace imednet::sandbox::edc
