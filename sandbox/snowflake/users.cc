#include "users.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "kept_file.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

Json token_json(const AccessToken& token) {
  return {{"name", token.name},       {"digest", token.digest},         {"role_restriction", token.role_restriction},
          {"comment", token.comment}, {"created_us", token.created_us}, {"expires_us", token.expires_us}};
}

Json user_json(const User& user) {
  Json keys = Json::array();
  for (const User::Key& key : user.keys) keys.push_back({key.text, key.set_us});
  Json tokens = Json::array();
  for (const auto& [name, token] : user.tokens) tokens.push_back(token_json(token));
  return {{"name", user.name},
          {"type", user.type},
          {"default_role", user.default_role},
          {"default_warehouse", user.default_warehouse},
          {"comment", user.comment},
          {"created_us", user.created_us},
          {"keys", keys},
          {"tokens", tokens}};
}

User user_from(const Json& json) {
  User user;
  user.name = json.at("name");
  user.type = json.at("type");
  user.default_role = json.at("default_role");
  user.default_warehouse = json.at("default_warehouse");
  user.comment = json.at("comment");
  user.created_us = json.at("created_us");
  for (size_t slot = 0; slot < user.keys.size(); ++slot) user.keys[slot] = {json.at("keys").at(slot).at(0), json.at("keys").at(slot).at(1)};
  for (const Json& token : json.at("tokens")) {
    user.tokens[token.at("name")] = {token.at("name"),    token.at("digest"),     token.at("role_restriction"),
                                     token.at("comment"), token.at("created_us"), token.at("expires_us")};
  }
  return user;
}

}  // namespace

Users::Users(std::filesystem::path file) : file_(std::move(file)) { load(); }

std::vector<User> Users::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<User> out;
  for (const auto& [name, user] : users_) out.push_back(user);
  return out;
}

std::optional<User> Users::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(name);
  return found == users_.end() ? std::nullopt : std::optional(found->second);
}

void Users::put(const User& user) {
  const std::lock_guard lock(mutex_);
  users_[user.name] = user;
  save();
}

void Users::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  users_.erase(name);
  save();
}

void Users::load() {
  std::ifstream in(file_);
  if (!in) return;
  for (const Json& item : Json::parse(in)) users_[item.at("name")] = user_from(item);
}

void Users::save() const {
  Json json = Json::array();
  for (const auto& [name, user] : users_) json.push_back(user_json(user));
  replace_file(file_, json.dump(1));
}

}  // namespace imednet::sandbox::snowflake
