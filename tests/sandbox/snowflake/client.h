#pragma once

#include <httplib.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "sandbox/snowflake/engine.h"
#include "sandbox/snowflake/snowflake_server.h"

namespace imednet::sandbox::snowflake::testing {

using Json = nlohmann::json;

// A directory that goes away with the test.
class TempDir {
 public:
  TempDir() {
    static std::atomic<int> number{0};
    path_ = std::filesystem::temp_directory_path() / ("sandbox_snowflake_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
    std::filesystem::create_directories(path_);
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline SnowflakeServerOptions options_in(const std::filesystem::path& data_dir) {
  SnowflakeServerOptions options;
  options.data_dir = data_dir;
  options.duckdb_library = IMEDNET_DUCKDB_LIBRARY;
  options.password = "secret";
  options.stage_kind = "local";  // copied by hand; the other kind: stage_files_test.cc
  options.allow_faults = true;
  return options;
}

// A signed-in client that speaks the protocol by hand.
class Client {
 public:
  explicit Client(int port, const std::string& password = "secret", const Json& session_parameters = Json::object())
      : http_("127.0.0.1", port) {
    http_.set_keep_alive(false);
    http_.set_read_timeout(120);
    const Json body = {{"data",
                        {{"ACCOUNT_NAME", "myorg-myaccount"},
                         {"LOGIN_NAME", "loader"},
                         {"PASSWORD", password},
                         {"CLIENT_APP_ID", "Go"},
                         {"SESSION_PARAMETERS", session_parameters}}}};
    login_ = post("/session/v1/login-request?databaseName=IMEDNET_DB&schemaName=PUBLIC&warehouse=COMPUTE_WH", body);
    if (login_["success"].get<bool>()) token_ = login_["data"]["token"];
  }

  const Json& login() const { return login_; }
  std::string& token() { return token_; }

  Json post(const std::string& path, const Json& body) {
    const httplib::Headers headers = {{"Authorization", "Snowflake Token=\"" + (token_.empty() ? "None" : token_) + "\""}};
    const auto answer = http_.Post(path.c_str(), headers, body.dump(), "application/json");
    if (!answer) return {{"success", false}, {"code", "transport"}, {"message", httplib::to_string(answer.error())}, {"data", nullptr}};
    return Json::parse(answer->body, nullptr, false);
  }
  Json get(const std::string& path) {
    const auto answer = http_.Get(path.c_str(), {{"Authorization", "Snowflake Token=\"" + token_ + "\""}});
    return answer ? Json::parse(answer->body, nullptr, false) : Json();
  }
  std::string get_text(const std::string& path) {
    const auto answer = http_.Get(path.c_str());
    return answer ? answer->body : "";
  }

  Json run(const std::string& sql, const std::string& request_id = "", const Json& more = Json::object()) {
    Json body = {{"sqlText", sql}, {"asyncExec", false}, {"sequenceId", 1}};
    body.update(more);
    const std::string id = request_id.empty() ? "r" + std::to_string(++number_) : request_id;
    return post("/queries/v1/query-request?requestId=" + id, body);
  }
  // "" for success, else the code.
  std::string code(const std::string& sql) {
    const Json answer = run(sql);
    return answer["success"].get<bool>() ? "" : answer["code"].get<std::string>();
  }
  // Rows as "a|b;c|d", or "code: message".
  std::string rows(const std::string& sql) {
    const Json answer = run(sql);
    if (!answer["success"].get<bool>()) return answer["code"].get<std::string>() + ": " + answer["message"].get<std::string>();
    std::string out;
    for (const Json& row : answer["data"]["rowset"]) {
      if (!out.empty()) out += ";";
      for (size_t i = 0; i < row.size(); ++i) out += (i ? "|" : "") + (row[i].is_null() ? std::string("NULL") : row[i].get<std::string>());
    }
    return out;
  }
  // Signs in anew: the answer's code, "" for success.
  std::string sign_in(const Json& data, const std::string& role = "") {
    token_.clear();
    Json all = {{"ACCOUNT_NAME", "myorg-myaccount"}, {"CLIENT_APP_ID", "Go"}};
    all.update(data);
    login_ = post("/session/v1/login-request?databaseName=IMEDNET_DB&schemaName=PUBLIC" + (role.empty() ? "" : "&roleName=" + role),
                  {{"data", all}});
    if (!login_["success"].get<bool>()) return login_["code"];
    token_ = login_["data"]["token"];
    return "";
  }
  void close() { post("/session?delete=true", Json::object()); }

 private:
  httplib::Client http_;
  Json login_;
  std::string token_;
  int number_ = 0;
};

// What the doors under /sandbox/ are for: orders to the server, and what it saw.
inline Json ask(int port, const std::string& path) {
  httplib::Client http("127.0.0.1", port);
  const auto answer = http.Get(("/sandbox/" + path).c_str());
  return answer ? Json::parse(answer->body)["data"] : Json();
}
inline int tell(int port, const std::string& path, const Json& body) {
  httplib::Client http("127.0.0.1", port);
  const auto answer = http.Post(("/sandbox/" + path).c_str(), body.dump(), "application/json");
  return answer ? answer->status : 0;
}
inline void move_clock(int port, int64_t seconds) { tell(port, "clock", {{"offset_seconds", seconds}}); }
// Waits, at most ten seconds, until the statement shows as running; its query id, or "".
inline std::string wait_for_running(int port, const std::string& text) {
  for (int looks = 0; looks < 1000; ++looks) {
    for (const Json& one : ask(port, "statements")) {
      if (one["text"] == text && one["running"].get<bool>()) return one["id"];
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return "";
}

// Writes a Parquet file with the engine: `select` gives its rows.
inline void write_parquet(const std::filesystem::path& file, const std::string& select) {
  std::filesystem::create_directories(file.parent_path());
  Engine engine(IMEDNET_DUCKDB_LIBRARY, ":memory:");
  engine.connect()->run("COPY (" + select + ") TO '" + file.string() + "' (FORMAT parquet)");
}

// What a driver does after PUT: asks where to, and copies the file there.
inline std::string put_file(Client& client, const std::filesystem::path& file, const std::string& target, bool overwrite = true) {
  const Json answer =
      client.run("PUT 'file://" + file.string() + "' '" + target + "' AUTO_COMPRESS = FALSE OVERWRITE = " + (overwrite ? "TRUE" : "FALSE"));
  if (!answer["success"].get<bool>()) return answer["code"];
  const std::filesystem::path directory = answer["data"]["stageInfo"]["location"].get<std::string>();
  std::filesystem::copy_file(file, directory / file.filename(), std::filesystem::copy_options::overwrite_existing);
  return "";
}

}  // namespace imednet::sandbox::snowflake::testing
