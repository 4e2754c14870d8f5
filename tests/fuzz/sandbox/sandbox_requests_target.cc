// POST /queries/v1/query-request with any JSON object: an answer in the form that clients read, whatever its members are.
#include <unistd.h>

#include <filesystem>

#include "fuzz/target.h"
#include "sandbox/snowflake/query_runner.h"
#include "sandbox/snowflake/server_state.h"

namespace imednet::fuzz {
namespace {

using namespace sandbox::snowflake;

// One server for all inputs, in a directory that goes away with the program.
class Server {
 public:
  Server() { session_->context.database = "IMEDNET_DB", session_->context.schema = "PUBLIC"; }
  ~Server() {
    std::error_code ignored;
    std::filesystem::remove_all(options().data_dir, ignored);
  }
  QueryRunner::Answer ask(const nlohmann::json& body) {
    return runner_.submit(session_, "r" + std::to_string(++number_), body, "http://x");
  }

 private:
  static SnowflakeServerOptions options() {
    SnowflakeServerOptions made;
    made.data_dir = std::filesystem::temp_directory_path() / ("sandbox_requests_" + std::to_string(::getpid()));
    std::filesystem::create_directories(made.data_dir);
    made.duckdb_library = IMEDNET_DUCKDB_LIBRARY;
    made.password = "made-up";
    made.stage_kind = "local";
    return made;
  }

  ServerState state_{options()};
  std::shared_ptr<Session> session_ = std::make_shared<Session>("1", "loader", state_.engine.connect(), state_.locks);
  QueryRunner runner_{state_};
  int number_ = 0;
};

void run(std::string_view input) {
  static Server server;
  const nlohmann::json body = nlohmann::json::parse(input, nullptr, false);
  if (!body.is_object()) return;  // refused before it is read
  const nlohmann::json answer = nlohmann::json::parse(server.ask(body).body, nullptr, false);
  require(answer.is_object() && answer.contains("success") && answer["success"].is_boolean(), "an answer says whether it went well");
  require(answer["success"].get<bool>() || (answer["code"].is_string() && !answer["code"].get<std::string>().empty()),
          "a refusal has a code");
}

}  // namespace

Target sandbox_requests_target() {
  return {run,
          {"{",
           "}",
           R"({"sqlText":"SELECT ?")",
           R"({"sqlText":"SELECT 1"})",
           R"("sqlText":)",
           R"("SELECT ?, ?")",
           R"("bindings":{)",
           R"("1":{"type":"TEXT","value":"x"})",
           R"("2":{"type":"FIXED","value":"1"})",
           R"("type":"DATE","value":"x")",
           R"("asyncExec":)",
           "true",
           "null",
           "1e999",
           "[1,2]",
           R"("parameters":{"QUERY_TAG":)",
           "\"x\"",
           ",",
           ":",
           "}}",
           R"({"sqlText":1})",
           R"({"sqlText":"SELECT ?","bindings":{"1":{"type":"TEXT","value":["a"]}}})",
           R"({"sqlText":"SELECT ?","bindings":{"1":5}})",
           R"({"sqlText":"SELECT ?","bindings":{"1":{"type":7,"value":"x"}}})",
           R"({"sqlText":"SELECT ?","bindings":{"1":{"type":"REAL","value":"x"}}})",
           R"({"sqlText":"SELECT 1","parameters":[]})",
           R"({"sqlText":"SELECT 1","asyncExec":"yes"})",
           R"({"sqlText":"BEGIN","parameters":{"QUERY_TAG":7}})"},
          3'000};
}

}  // namespace imednet::fuzz
