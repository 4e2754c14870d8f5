#include "grants.h"

#include <algorithm>

namespace imednet::sandbox::snowflake {

Grants::Grants() {
  for (const char* name : {"ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}) roles_[name] = {true, true, {}};
}

std::vector<std::string> Grants::roles() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, role] : roles_) names.push_back(name);
  return names;
}

bool Grants::has_role(const std::string& role) const {
  const std::lock_guard lock(mutex_);
  return roles_.contains(role);
}

bool Grants::may_take(const std::string& role) const {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  return found != roles_.end() && found->second.is_taken_by_user;
}

void Grants::create_role(const std::string& role) {
  const std::lock_guard lock(mutex_);
  roles_[role];
}

void Grants::drop_role(const std::string& role) {
  const std::lock_guard lock(mutex_);
  roles_.erase(role);
}

void Grants::let_take(const std::string& role, bool may) {
  const std::lock_guard lock(mutex_);
  if (const auto found = roles_.find(role); found != roles_.end()) found->second.is_taken_by_user = may;
}

void Grants::grant(const std::string& role, const Privilege& privilege) {
  const std::lock_guard lock(mutex_);
  if (const auto found = roles_.find(role); found != roles_.end()) found->second.granted.insert(privilege);
}

void Grants::revoke(const std::string& role, const Privilege& privilege) {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return;
  std::erase_if(found->second.granted, [&](const Privilege& granted) {
    return granted.kind == privilege.kind && granted.object == privilege.object &&
           (granted.name == privilege.name || privilege.name == "ALL");
  });
}

bool Grants::may(const std::string& role, const Privilege& privilege) const {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return false;
  if (found->second.is_system) return true;
  for (const std::string& name : {privilege.name, std::string("OWNERSHIP"), std::string("ALL")}) {
    // ALL holds every privilege but ownership. [doc]
    if (name == "ALL" && privilege.name == "OWNERSHIP") continue;
    if (found->second.granted.contains({name, privilege.kind, privilege.object})) return true;
  }
  return false;
}

bool Grants::sees(const std::string& role, const std::string& kind, const std::string& object) const {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return false;
  if (found->second.is_system) return true;
  return std::any_of(found->second.granted.begin(), found->second.granted.end(),
                     [&](const Privilege& granted) { return granted.kind == kind && granted.object == object; });
}

}  // namespace imednet::sandbox::snowflake
