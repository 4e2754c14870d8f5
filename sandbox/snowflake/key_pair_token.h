#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "public_key.h"

namespace imednet::sandbox::snowflake {

// Who may sign in with a key pair.
struct KeyPairUser {
  std::string account;  // upper case, up to the first dot
  std::string user;     // upper case
  std::vector<PublicKey> keys;
};

// The user a token speaks of, as it says itself: clients send no other name. "" when it says none.
std::string user_in_token(const std::string& token);

// Why the signed token of a key-pair sign-in is refused, by Snowflake's name for the reason [doc]; nothing when it is good.
std::optional<std::string> key_pair_refusal(const std::string& token, const KeyPairUser& user, int64_t now_seconds);

}  // namespace imednet::sandbox::snowflake
