#include "sandbox/edc/control_handler.h"

#include <charconv>
#include <stdexcept>

#include "sandbox/edc/query_string.h"

namespace imednet::sandbox::edc {
namespace {

using Json = nlohmann::ordered_json;

struct NoSuchRoute : std::runtime_error {
  NoSuchRoute() : std::runtime_error("no such route below /sandbox") {}
};

std::int64_t parse_id(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument("a record id is a number");
  }
  return id;
}

void reply(httplib::Response& response, int status, const Json& body) {
  response.status = status;
  response.set_content(body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", "application/json");
}

}  // namespace

void ControlHandler::handle(const httplib::Request& request, httplib::Response& response) {
  try {
    reply(response, 200, route(request, path_segments(request.target.substr(0, request.target.find('?')))));
  } catch (const NoSuchRoute& error) {
    reply(response, 404, {{"error", error.what()}});
  } catch (const std::exception& error) {
    reply(response, 400, {{"error", error.what()}});
  }
}

Json ControlHandler::route(const httplib::Request& request, const Segments& segments) {
  if (segments.size() == 2 && segments[1] == "orders") {
    return orders(request);
  }
  if (segments.size() == 2 && segments[1] == "requests" && request.method == "GET") {
    return log_.describe();
  }
  if (segments.size() == 2 && segments[1] == "requests" && request.method == "DELETE") {
    log_.clear();
    return {{"cleared", true}};
  }
  if (segments.size() >= 4 && segments.size() <= 5 && segments[1] == "studies" && segments[3] == "records") {
    return change(request, segments);
  }
  throw NoSuchRoute();
}

Json ControlHandler::orders(const httplib::Request& request) {
  if (request.method == "GET") {
    return orders_.describe();
  }
  if (request.method == "DELETE") {
    orders_.clear();
    return {{"cleared", true}};
  }
  if (request.method != "POST") {
    throw NoSuchRoute();
  }
  const Json description = Json::parse(request.body);
  if (!description.is_array()) {
    return {{"id", orders_.add(description)}};
  }
  Json ids = Json::array();
  for (const Json& order : description) {
    ids.push_back({{"id", orders_.add(order)}});
  }
  return ids;
}

// POST …/records takes a record's text as it is, odd bytes included; POST …/records/{id} takes {"set": …, "data": …};
// DELETE …/records/{id} sets the flag, with ?vanish=true the record is gone.
Json ControlHandler::change(const httplib::Request& request, const Segments& segments) {
  RecordChange change;
  if (segments.size() == 4 && request.method == "POST" && !request.body.empty()) {
    change.text = request.body;
  } else if (segments.size() == 5 && request.method == "POST") {
    Json description = Json::parse(request.body);
    description["kind"] = "update";
    change = parse_record_change(description);
    change.record_id = parse_id(segments[4]);
  } else if (segments.size() == 5 && request.method == "DELETE") {
    const bool vanish = request.get_param_value("vanish") == "true";
    change.kind = vanish ? RecordChange::Kind::kVanish : RecordChange::Kind::kDelete;
    change.record_id = parse_id(segments[4]);
  } else {
    throw NoSuchRoute();
  }
  store_.change_records(segments[2], change);
  return {{"changed", true}};
}

}  // namespace imednet::sandbox::edc
