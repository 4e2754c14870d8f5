#pragma once

#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server_state.h"
#include "session.h"

namespace imednet::sandbox::snowflake {

struct StatementResult;

// Runs statements on threads of their own, so a slow one can be polled and cancelled.
class QueryRunner {
 public:
  explicit QueryRunner(ServerState& state) : state_(state) {}
  ~QueryRunner();

  struct Answer {
    std::string body;
    bool is_cut = false;  // it is not to arrive: the connection ends
  };
  // To POST /queries/v1/query-request. base_url is where chunks are fetched from.
  Answer submit(const std::shared_ptr<Session>& session, const std::string& request_id, const nlohmann::json& request,
                const std::string& base_url);
  // GET /queries/<id>/result
  Answer result(const std::string& query_id);
  // GET /monitoring/queries/<id>
  nlohmann::json status(const std::string& query_id);
  // POST /queries/v1/abort-request
  nlohmann::json abort(Session& session, const std::string& request_id);
  // POST /queries/<id>/abort-request
  nlohmann::json abort_query(const std::string& query_id);

 private:
  bool start(Session& session, const std::shared_ptr<QueryRecord>& record, const nlohmann::json& request);
  void execute(const std::shared_ptr<Session>& session, const std::shared_ptr<QueryRecord>& record, const nlohmann::json& request,
               const std::string& base_url, const std::optional<StatementFault>& fault);
  StatementResult run(const std::shared_ptr<Session>& session, const QueryRecord& record, const nlohmann::json& request,
                      const std::optional<StatementFault>& fault);
  Answer wait(QueryRecord& record, bool asynchronous);
  void delay(Session& session, int64_t milliseconds);
  void run_for_somebody_else(const Session& session, const std::string& sql);
  void keep(std::future<void> running);

  ServerState& state_;
  void watch(const std::shared_ptr<QueryRecord>& record);
  void cancel_overdue();

  std::mutex mutex_;
  std::list<std::future<void>> running_;
  std::vector<std::shared_ptr<QueryRecord>> timed_;  // statements with a deadline
  std::jthread watchman_;                            // from the first of them on
};

}  // namespace imednet::sandbox::snowflake
