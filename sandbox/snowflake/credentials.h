#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sandbox_clock.h"
#include "snowflake_server.h"
#include "users.h"

namespace imednet::sandbox::snowflake {

// What proves to be a user of this server: key pair and programmatic access token for every one; password with or without a
// passcode and OAuth token for the first one, whom the server is started with.
class Credentials {
 public:
  Credentials(const SnowflakeServerOptions& options, const SandboxClock& clock, Users& users);

  struct Refusal {
    std::string code;
    std::string message;
    std::string reason;  // what a client is not told
  };
  struct Verdict {
    std::optional<Refusal> refusal;  // nothing: welcome
    User user;
    std::string role_restriction;  // the only role the sign-in may have; empty: any of the user
  };
  // `data` of a login request.
  Verdict judge(const nlohmann::json& data) const;

 private:
  std::optional<User> named_user(const nlohmann::json& data, bool required, std::string& reason) const;
  std::optional<Refusal> judge_password(const nlohmann::json& data, const User& user) const;
  std::optional<Refusal> judge_key_pair(const nlohmann::json& data, const User& user) const;
  std::optional<Refusal> judge_oauth(const nlohmann::json& data, const User& user) const;
  std::optional<Refusal> judge_access_token(const nlohmann::json& data, const User& user, std::string& role) const;
  bool is_first(const User& user) const;

  const SnowflakeServerOptions& options_;
  const SandboxClock& clock_;
  Users& users_;
  int64_t started_us_;
};

// The key as ALTER USER gives it. Throws SqlError when it is no good one.
void require_public_key(const std::string& text);

}  // namespace imednet::sandbox::snowflake
