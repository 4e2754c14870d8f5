#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "session.h"

namespace imednet::sandbox::snowflake {

// One statement, from its arrival to the answer that is kept for polls and replays.
struct QueryRecord {
  std::string id;
  std::string request_id;
  std::string session_id;
  std::string user;
  std::string text;
  std::string tag;
  std::string database;
  std::string schema;
  std::string warehouse;
  int64_t started_us = 0;
  std::weak_ptr<Session> session;

  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  bool running = false;  // its session has begun with it
  bool cancelled = false;
  int64_t limit_seconds = 0;  // STATEMENT_TIMEOUT_IN_SECONDS; 0: none
  int64_t deadline_us = 0;
  bool timed_out = false;
  int64_t cuts_left = 0;       // answers that are not to arrive
  std::string used_warehouse;  // empty: it needed none
  int64_t ended_us = 0;
  std::string error_code;
  std::string error_message;
  int statement_type = 0;
  long long rows = 0;
  std::string answer;                        // JSON body
  std::vector<std::string> chunks;           // gzip'd
  std::vector<std::filesystem::path> files;  // that a client fetches after GET
};

// History of all statements. The newest keep their answers; older ones only say what happened.
class QueryLog {
 public:
  // The record of that request when it is known (a retry), else a new one; second tells which.
  std::pair<std::shared_ptr<QueryRecord>, bool> open(const std::string& request_id, const std::string& session_id, int64_t now_us);
  std::shared_ptr<QueryRecord> find(const std::string& query_id) const;
  std::shared_ptr<QueryRecord> find_request(const std::string& session_id, const std::string& request_id) const;
  // Newest first.
  std::vector<std::shared_ptr<QueryRecord>> recent(size_t limit, const std::string& session_id = "") const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<QueryRecord>> order_;
  std::map<std::string, std::shared_ptr<QueryRecord>> by_id_;
  std::map<std::string, std::shared_ptr<QueryRecord>> by_request_;
};

// Cancels it when it waits or runs; false: it does neither.
bool cancel_statement(QueryRecord& record);

// A random identifier in UUID form.
std::string new_uuid();

}  // namespace imednet::sandbox::snowflake
