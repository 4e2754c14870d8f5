// What a test may order and ask, below /sandbox/: only there with --allow-faults.
#include "json_field.h"
#include "result_json.h"
#include "route_answers.h"
#include "routes.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

constexpr size_t kMostShown = 5000;

}  // namespace

// Orders whose match names a server are for requests, the others for statements. All of them or none.
void Routes::add_orders(const Json& given) {
  Json statements = Json::array(), requests = Json::array();
  for (const Json& one : given.is_array() ? given : Json::array({given})) {
    const bool names_server = one.is_object() && one.contains("match") && one.at("match").is_object() && one.at("match").contains("server");
    (names_server ? requests : statements).push_back(one);
  }
  StatementOrders().add(statements);
  state_.requests.add(requests);
  state_.orders.add(statements);
}

// Orders a test gives: set the clock, expire the session tokens, let statements fail; and what was seen.
void Routes::install_orders(httplib::Server& server) {
  server.Post("/sandbox/clock", [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    Json body;
    if (!read_json(reader, response, body)) return;
    state_.clock.set_offset_seconds(body.value("offset_seconds", int64_t{0}));
    answer(response, success());
  });
  server.Post("/sandbox/staged-files/age",
              [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (!read_json(reader, response, body)) return;
                answer(response, success({{"files", state_.stages.make_old(text_field(body, "path"), body.value("seconds", int64_t{0}))}}));
              });
  server.Post("/sandbox/sessions/expire",
              [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (!read_json(reader, response, body)) return;
                sign_in_.expire_all(body.value("master", false));
                answer(response, success());
              });
  server.Post("/sandbox/orders", [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    Json body;
    if (!read_json(reader, response, body, true)) return;
    try {
      add_orders(body);
      answer(response, success());
    } catch (const std::exception& error) {
      response.status = 400;
      answer(response, failure("390101", error.what()));
    }
  });
  server.Get("/sandbox/orders", [this](const httplib::Request&, httplib::Response& response) {
    Json all = state_.orders.list();
    for (Json& one : state_.requests.list()) all.push_back(std::move(one));
    answer(response, success(all));
  });
  server.Delete("/sandbox/orders", [this](const httplib::Request&, httplib::Response& response) {
    state_.orders.clear();
    state_.requests.clear();
    answer(response, success());
  });
  server.Get("/sandbox/logins",
             [this](const httplib::Request&, httplib::Response& response) { answer(response, success(sign_in_.logins())); });
  server.Get("/sandbox/warehouses", [this](const httplib::Request&, httplib::Response& response) {
    answer(response, success(state_.warehouses.list(state_.catalog.warehouses(), state_.clock.now_us())));
  });
  server.Get("/sandbox/statements", [this](const httplib::Request&, httplib::Response& response) {
    Json statements = Json::array();
    const auto newest_first = state_.queries.recent(kMostShown);
    for (auto record = newest_first.rbegin(); record != newest_first.rend(); ++record) {
      const std::lock_guard lock((*record)->mutex);
      const std::string& warehouse = (*record)->used_warehouse;
      statements.push_back({{"text", (*record)->text},
                            {"tag", (*record)->tag},
                            {"session", (*record)->session_id},
                            {"error", (*record)->error_code},
                            {"id", (*record)->id},
                            {"running", !(*record)->done},
                            {"warehouse", warehouse.empty() ? Json() : Json(warehouse)}});
    }
    answer(response, success(statements));
  });
}

}  // namespace imednet::sandbox::snowflake
