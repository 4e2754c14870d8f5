#include "e2e_cpp/sandbox_process.h"

#include <httplib.h>

#include <stdexcept>

namespace imednet::e2e {

using Json = nlohmann::json;

SandboxProcess::SandboxProcess(const std::filesystem::path& program, const std::filesystem::path& data_dir)
    : process_({program.string(), "snowflake", "--allow-faults", "--data-dir", data_dir.string()}) {
  process_.ends_by_signal();
  const Json ready = Json::parse(process_.first_line(), nullptr, false);
  if (!ready.is_object()) throw std::runtime_error("the sandbox did not start");
  addresses_ = ready.at("snowflake");
  sign_in();
}

Json SandboxProcess::call(const char* method, const std::string& path, const Json& body) {
  httplib::Client http(text("host"), port());
  http.set_read_timeout(60);
  const httplib::Headers headers = {{"Authorization", "Snowflake Token=\"" + (token_.empty() ? "None" : token_) + "\""}};
  const auto answer = std::string_view(method) == "GET"      ? http.Get(path.c_str(), headers)
                      : std::string_view(method) == "DELETE" ? http.Delete(path.c_str(), headers)
                                                             : http.Post(path.c_str(), headers, body.dump(), "application/json");
  if (!answer || answer->status != 200)
    throw std::runtime_error(path + ": " + (answer ? answer->body : httplib::to_string(answer.error())));
  Json json = Json::parse(answer->body);
  if (!json.at("success").get<bool>())
    throw std::runtime_error(json.at("code").get<std::string>() + ": " + json.at("message").get<std::string>());
  return json.at("data");
}

void SandboxProcess::sign_in() {
  token_.clear();
  const Json data = {{"ACCOUNT_NAME", text("account")},
                     {"LOGIN_NAME", text("user")},
                     {"PASSWORD", text("password")},
                     {"CLIENT_APP_ID", "Go"},
                     {"SESSION_PARAMETERS", {{"TIMEZONE", "UTC"}, {"GO_QUERY_RESULT_FORMAT", "JSON"}}}};
  const std::string where = "databaseName=" + text("database") + "&schemaName=" + text("schema") + "&warehouse=" + text("warehouse");
  token_ = call("POST", "/session/v1/login-request?" + where, {{"data", data}}).at("token").get<std::string>();
}

std::vector<Row> SandboxProcess::sql(const std::string& statement) {
  const std::string id = "e2e-" + std::to_string(++requests_);
  const Json data = call("POST", "/queries/v1/query-request?requestId=" + id, {{"sqlText", statement}, {"asyncExec", false}});
  std::vector<Row> rows;
  for (const Json& given : data.value("rowset", Json::array())) {
    Row& row = rows.emplace_back();
    for (const Json& cell : given) row.push_back(cell.is_null() ? std::nullopt : std::optional(cell.get<std::string>()));
  }
  return rows;
}

std::string SandboxProcess::value(const std::string& statement) { return sql(statement).at(0).at(0).value_or("NULL"); }

void SandboxProcess::order(const Json& order) { call("POST", "/sandbox/orders", order); }
void SandboxProcess::clear_orders() { call("DELETE", "/sandbox/orders", {}); }
void SandboxProcess::expire_sessions() {
  call("POST", "/sandbox/sessions/expire", Json::object());
  sign_in();
}
Json SandboxProcess::logins() { return call("GET", "/sandbox/logins", {}); }

std::vector<std::string> SandboxProcess::statements() {
  std::vector<std::string> texts;
  for (const Json& one : call("GET", "/sandbox/statements", {})) texts.push_back(one.at("text").get<std::string>());
  return texts;
}

std::size_t SandboxProcess::count_of(const std::string& begin) {
  std::size_t count = 0;
  for (const std::string& text : statements()) count += text.starts_with(begin);
  return count;
}

}  // namespace imednet::e2e
