#pragma once

#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "server_state.h"
#include "session.h"

namespace imednet::sandbox::snowflake {

struct StatementResult;

// Runs statements on threads of their own, so a slow one can be polled and cancelled.
class QueryRunner {
 public:
  explicit QueryRunner(ServerState& state) : state_(state) {}
  ~QueryRunner();

  // The body of POST /queries/v1/query-request. base_url is where chunks are fetched from.
  std::string submit(const std::shared_ptr<Session>& session, const std::string& request_id, const nlohmann::json& request,
                     const std::string& base_url);
  // GET /queries/<id>/result
  std::string result(const std::string& query_id);
  // GET /monitoring/queries/<id>
  nlohmann::json status(const std::string& query_id);
  // POST /queries/v1/abort-request
  nlohmann::json abort(Session& session, const std::string& request_id);

 private:
  void execute(const std::shared_ptr<Session>& session, const std::shared_ptr<QueryRecord>& record, const nlohmann::json& request,
               const std::string& base_url);
  StatementResult run(const std::shared_ptr<Session>& session, const QueryRecord& record, const nlohmann::json& request);
  std::string wait(QueryRecord& record, bool asynchronous);
  void keep(std::future<void> running);

  ServerState& state_;
  std::mutex mutex_;
  std::list<std::future<void>> running_;
};

}  // namespace imednet::sandbox::snowflake
