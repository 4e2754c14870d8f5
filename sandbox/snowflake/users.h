#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace imednet::sandbox::snowflake {

// A programmatic access token: of its secret only the digest is kept.
struct AccessToken {
  std::string name;
  std::string digest;
  std::string role_restriction;  // empty: any role of the user
  std::string comment;
  int64_t created_us = 0;
  int64_t expires_us = 0;
};

struct User {
  std::string name;  // upper case unless it was quoted
  std::string type = "PERSON";
  std::string default_role;
  std::string default_warehouse;
  std::string comment;
  int64_t created_us = 0;
  // Two keys at most, so that one can replace the other while both are good [doc].
  struct Key {
    std::string text;
    int64_t set_us = 0;
  };
  std::array<Key, 2> keys;
  std::map<std::string, AccessToken> tokens;
};

// Who may sign in; written to one file after each change.
class Users {
 public:
  explicit Users(std::filesystem::path file);

  std::vector<User> all() const;
  std::optional<User> find(const std::string& name) const;
  void put(const User& user);
  void remove(const std::string& name);

 private:
  void load();
  void save() const;

  std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::map<std::string, User> users_;
};

}  // namespace imednet::sandbox::snowflake
