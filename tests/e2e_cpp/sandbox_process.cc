#include "e2e_cpp/sandbox_process.h"

#include <fcntl.h>
#include <httplib.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace imednet::e2e {
namespace {

using Json = nlohmann::json;

constexpr int kStartSeconds = 30;

// One line of the child's output, or what came until it ended or the time was over.
std::string read_line(int file) {
  std::string line;
  pollfd waiting{file, POLLIN, 0};
  char c = 0;
  while (poll(&waiting, 1, kStartSeconds * 1000) > 0 && read(file, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace

SandboxProcess::SandboxProcess(const std::filesystem::path& program, const std::filesystem::path& data_dir) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  const std::string path = program.string(), data = data_dir.string();
  std::array<char*, 6> arguments = {const_cast<char*>(path.c_str()), const_cast<char*>("snowflake"),  const_cast<char*>("--allow-faults"),
                                    const_cast<char*>("--data-dir"), const_cast<char*>(data.c_str()), nullptr};
  const int failed = posix_spawn(&process_, path.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[1]);
  const std::string line = failed == 0 ? read_line(pipe[0]) : "";
  close(pipe[0]);
  if (failed != 0) throw std::runtime_error("cannot start " + path);
  const Json ready = Json::parse(line, nullptr, false);
  if (!ready.is_object()) throw std::runtime_error("the sandbox did not start");
  addresses_ = ready.at("snowflake");
  sign_in();
}

SandboxProcess::~SandboxProcess() {
  if (process_ <= 0) return;
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
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
