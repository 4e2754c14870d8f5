#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "public_key.h"
#include "sandbox_clock.h"
#include "snowflake_server.h"

namespace imednet::sandbox::snowflake {

// What proves to be the one user of this server: password with or without a passcode, key pair, programmatic access token, OAuth token.
class Credentials {
 public:
  Credentials(const SnowflakeServerOptions& options, const SandboxClock& clock);

  struct Refusal {
    std::string code;
    std::string message;
    std::string reason;  // what a client is not told
  };
  // `data` of a login request. Nothing: welcome.
  std::optional<Refusal> judge(const nlohmann::json& data) const;

  // Two keys at most, so that one can replace the other while both are good [doc]; slot 0 or 1.
  struct RegisteredKey {
    PublicKey key;
    int64_t set_us = 0;
  };
  void set_public_key(size_t slot, const std::string& text);  // throws SqlError
  void unset_public_key(size_t slot);
  std::optional<RegisteredKey> public_key(size_t slot) const;

 private:
  std::optional<Refusal> judge_name(const nlohmann::json& data, bool required) const;
  std::optional<Refusal> judge_password(const nlohmann::json& data) const;
  std::optional<Refusal> judge_key_pair(const nlohmann::json& data) const;
  std::optional<Refusal> judge_oauth(const nlohmann::json& data) const;
  std::optional<Refusal> judge_access_token(const nlohmann::json& data) const;

  const SnowflakeServerOptions& options_;
  const SandboxClock& clock_;
  int64_t started_us_;
  mutable std::mutex mutex_;
  std::array<std::optional<RegisteredKey>, 2> keys_;
};

}  // namespace imednet::sandbox::snowflake
