#include "route_answers.h"

#include "result_json.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

// Statements can be long; what a compressed body inflates to is capped all the same.
constexpr size_t kMostBody = 64 << 20;

}  // namespace

void answer(httplib::Response& response, const std::string& body) { response.set_content(body, "application/json"); }
void answer(httplib::Response& response, const Json& body) { answer(response, body.dump(-1, ' ', false, Json::error_handler_t::replace)); }
Json success(const Json& data) { return {{"data", data}, {"code", nullptr}, {"message", nullptr}, {"success", true}}; }

bool read_json(const httplib::ContentReader& reader, httplib::Response& response, Json& out, bool any) {
  std::string body;
  const bool whole = reader([&](const char* data, size_t size) {
    if (body.size() + size > kMostBody) return false;
    body.append(data, size);
    return true;
  });
  if (!whole) {
    response.status = 413;
    return false;
  }
  out = body.empty() ? Json::object() : Json::parse(body, nullptr, false);
  if (out.is_object() || (any && out.is_array())) return true;
  answer(response, failure("390101", "The request body is not a JSON object."));
  return false;
}

}  // namespace imednet::sandbox::snowflake
