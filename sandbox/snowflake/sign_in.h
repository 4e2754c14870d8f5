#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "server_state.h"
#include "session.h"

namespace imednet::sandbox::snowflake {

// Who is signed in: tokens to sessions, renewal, expiry, close.
class SignIn {
 public:
  explicit SignIn(ServerState& state);

  // The whole answer body of a login.
  nlohmann::json login(const nlohmann::json& request, const std::map<std::string, std::string>& query);
  nlohmann::json renew(const std::string& authorization, const nlohmann::json& request);
  void close(const std::string& authorization);

  struct Found {
    std::shared_ptr<Session> session;  // empty: refuse with code and message
    std::string code;
    std::string message;
  };
  Found find(const std::string& authorization);
  // Every session token is refused with 390112 until renewed; with `master` renewing is refused too, with 390114.
  void expire_all(bool master);
  // What the clients of the newest sign-ins said of themselves, oldest first, without secrets; with why one was "refused".
  nlohmann::json logins() const;
  void cancel_all();

 private:
  struct Entry {
    std::shared_ptr<Session> session;
    std::string token;
    std::string master_token;
    int64_t token_until_us = 0;
    int64_t master_until_us = 0;
    void expire(bool master) {
      token_until_us = 0;
      if (master) master_until_us = 0;
    }
  };

  bool end(const std::string& session_id);  // false: no such session
  bool abort(const std::string& session_id);
  void note(nlohmann::json data, const std::optional<Credentials::Refusal>& refusal);
  std::string first_role(const Credentials::Verdict& verdict) const;
  void apply_context(Session& session, const nlohmann::json& data, const std::map<std::string, std::string>& query, const User& user);
  Entry* entry_of_token(const std::string& token);

  ServerState& state_;
  mutable std::mutex mutex_;
  std::deque<nlohmann::json> logins_;
  std::map<std::string, Entry> by_session_;  // by session id
  std::deque<std::string> aborted_tokens_;   // of sessions that another one ended
  int64_t next_session_ = 0;
};

}  // namespace imednet::sandbox::snowflake
