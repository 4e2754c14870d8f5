#include "grants.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kept_file.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

// DB.SCHEMA of DB.SCHEMA.T; a dot inside quotes is none.
std::string container_of(const std::string& object) {
  bool quoted = false;
  size_t last = std::string::npos;
  for (size_t i = 0; i < object.size(); ++i) {
    if (object[i] == '"') quoted = !quoted;
    if (object[i] == '.' && !quoted) last = i;
  }
  return last == std::string::npos ? std::string() : object.substr(0, last);
}

Json note_json(const Grants::Note& note) { return {note.by, note.since_us}; }
Grants::Note note_from(const Json& json) { return {json.at(0), json.at(1)}; }

Json notes_json(const std::map<std::string, Grants::Note>& notes) {
  Json out = Json::object();
  for (const auto& [name, note] : notes) out[name] = note_json(note);
  return out;
}

std::map<std::string, Grants::Note> notes_from(const Json& json) {
  std::map<std::string, Grants::Note> out;
  for (const auto& [name, note] : json.items()) out[name] = note_from(note);
  return out;
}

Json role_json(const Grants::Role& role) {
  Json privileges = Json::array();
  for (const auto& [one, note] : role.privileges) privileges.push_back({one.name, one.kind, one.object, note_json(note)});
  Json future = Json::array();
  for (const auto& [one, note] : role.future) future.push_back({one.name, one.kind, one.container_kind, one.container, note_json(note)});
  return {{"comment", role.comment}, {"created_us", role.created_us},   {"privileges", privileges},
          {"future", future},        {"users", notes_json(role.users)}, {"above", notes_json(role.above)}};
}

void read_role(const Json& json, Grants::Role& role) {
  role.comment = json.at("comment");
  role.created_us = json.at("created_us");
  for (const Json& one : json.at("privileges")) role.privileges[{one.at(0), one.at(1), one.at(2)}] = note_from(one.at(3));
  for (const Json& one : json.at("future")) role.future[{one.at(0), one.at(1), one.at(2), one.at(3)}] = note_from(one.at(4));
  role.users = notes_from(json.at("users"));
  role.above = notes_from(json.at("above"));
}

}  // namespace

const std::vector<std::string>& all_privileges(const std::string& kind) {
  static const std::map<std::string, std::vector<std::string>> kAll = {
      {"ACCOUNT", {"CREATE DATABASE", "CREATE ROLE", "CREATE USER", "CREATE WAREHOUSE", "MANAGE GRANTS", "MONITOR"}},
      {"DATABASE", {"CREATE SCHEMA", "MODIFY", "MONITOR", "USAGE"}},
      {"SCHEMA", {"CREATE FILE FORMAT", "CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "MODIFY", "MONITOR", "USAGE"}},
      {"STAGE", {"READ", "WRITE"}},
      {"TABLE", {"DELETE", "INSERT", "REFERENCES", "SELECT", "TRUNCATE", "UPDATE"}},
      {"VIEW", {"REFERENCES", "SELECT"}},
      {"WAREHOUSE", {"MODIFY", "MONITOR", "OPERATE", "USAGE"}}};
  static const std::vector<std::string> kNone;
  const auto found = kAll.find(kind);
  return found == kAll.end() ? kNone : found->second;
}

Grants::Grants(std::filesystem::path file, const std::string& first_user) : file_(std::move(file)) {
  load();
  for (const char* name : {"ACCOUNTADMIN", "ORGADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN"}) {
    roles_[name].is_system = true;
    roles_[name].users.try_emplace(first_user);
  }
  roles_["PUBLIC"].is_system = true;
}

std::map<std::string, Grants::Role> Grants::roles() const {
  const std::lock_guard lock(mutex_);
  return roles_;
}

bool Grants::has_role(const std::string& role) const {
  const std::lock_guard lock(mutex_);
  return roles_.contains(role);
}

// Every round finds at least one more role or is the last.
std::set<std::string> Grants::with_roles_below(const std::set<std::string>& roles) const {
  std::set<std::string> out = roles;
  for (size_t found = 0; found != out.size();) {
    found = out.size();
    for (const auto& [name, role] : roles_) {
      if (std::any_of(role.above.begin(), role.above.end(), [&](const auto& above) { return out.contains(above.first); })) out.insert(name);
    }
  }
  return out;
}

bool Grants::may_take(const std::string& user, const std::string& role) const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> own = {"PUBLIC"};
  for (const auto& [name, one] : roles_) {
    if (one.users.contains(user)) own.insert(name);
  }
  return roles_.contains(role) && with_roles_below(own).contains(role);
}

void Grants::create_role(const std::string& role, const std::string& comment, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  roles_[role].comment = comment;
  roles_[role].created_us = now_us;
  save();
}

void Grants::drop_role(const std::string& role) {
  const std::lock_guard lock(mutex_);
  roles_.erase(role);
  for (auto& [name, one] : roles_) one.above.erase(role);
  save();
}

void Grants::give_role(const std::string& role, bool to_user, const std::string& to, const Note& note) {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return;
  (to_user ? found->second.users : found->second.above).try_emplace(to, note);
  save();
}

void Grants::take_role(const std::string& role, bool from_user, const std::string& from) {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return;
  (from_user ? found->second.users : found->second.above).erase(from);
  save();
}

void Grants::forget_user(const std::string& user) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, role] : roles_) role.users.erase(user);
  save();
}

void Grants::grant(const std::string& role, const Privilege& privilege, const Note& note) {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return;
  found->second.privileges.try_emplace(privilege, note);
  save();
}

void Grants::grant(const std::string& role, const FuturePrivilege& privilege, const Note& note) {
  const std::lock_guard lock(mutex_);
  const auto found = roles_.find(role);
  if (found == roles_.end()) return;
  found->second.future.try_emplace(privilege, note);
  save();
}

void Grants::revoke(const std::string& role, const Privilege& privilege) {
  const std::lock_guard lock(mutex_);
  if (const auto found = roles_.find(role); found != roles_.end()) found->second.privileges.erase(privilege);
  save();
}

void Grants::revoke(const std::string& role, const FuturePrivilege& privilege) {
  const std::lock_guard lock(mutex_);
  if (const auto found = roles_.find(role); found != roles_.end()) found->second.future.erase(privilege);
  save();
}

void Grants::own(const std::string& role, const std::string& kind, const std::string& object, int64_t now_us) {
  const std::lock_guard lock(mutex_);
  const std::string in = container_of(object);
  const std::string above = container_of(in);
  const auto is_for = [&](const FuturePrivilege& future, const char* container_kind, const std::string& container) {
    return future.kind == kind && future.container_kind == container_kind && future.container == container;
  };
  bool hides_database = false;
  for (auto& [name, one] : roles_) {
    std::erase_if(one.privileges, [&](const auto& entry) { return entry.first.kind == kind && entry.first.object == object; });
    for (const auto& [future, note] : one.future) hides_database = hides_database || is_for(future, "SCHEMA", in);
  }
  for (auto& [name, one] : roles_) {
    for (const auto& [future, note] : one.future) {
      const bool applies = is_for(future, "SCHEMA", in) || (kind == "SCHEMA" && is_for(future, "DATABASE", in)) ||
                           (!hides_database && !above.empty() && is_for(future, "DATABASE", above));
      if (applies) one.privileges.try_emplace({future.name, kind, object}, Note{note.by, now_us});
    }
  }
  if (const auto found = roles_.find(role); found != roles_.end())
    found->second.privileges.try_emplace({"OWNERSHIP", kind, object}, Note{role, now_us});
  save();
}

void Grants::copy(const std::string& kind, const std::string& object, const std::function<void()>& remake) {
  std::map<std::string, Privileges> kept;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, role] : roles_) {
      for (const auto& entry : role.privileges) {
        if (entry.first.kind == kind && entry.first.object == object && entry.first.name != "OWNERSHIP") kept[name].insert(entry);
      }
    }
  }
  remake();
  const std::lock_guard lock(mutex_);
  for (const auto& [name, privileges] : kept) roles_[name].privileges.insert(privileges.begin(), privileges.end());
  save();
}

void Grants::forget_object(const std::string& kind, const std::string& object) {
  const std::lock_guard lock(mutex_);
  // What lies in a database or schema goes with it.
  const bool is_container = kind == "DATABASE" || kind == "SCHEMA";
  for (auto& [name, role] : roles_) {
    std::erase_if(role.privileges, [&](const auto& entry) {
      return (entry.first.kind == kind && entry.first.object == object) || (is_container && entry.first.object.starts_with(object + "."));
    });
    std::erase_if(role.future, [&](const auto& entry) {
      return is_container && (entry.first.container == object || entry.first.container.starts_with(object + "."));
    });
  }
  save();
}

void Grants::rename_object(const std::string& kind, const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, role] : roles_) {
    std::map<Privilege, Note> renamed;
    for (const auto& [one, note] : role.privileges)
      renamed[one.kind == kind && one.object == from ? Privilege{one.name, kind, to} : one] = note;
    role.privileges = std::move(renamed);
  }
  save();
}

bool Grants::is_all_powerful(const std::string& role) const {
  const auto found = roles_.find(role);
  return found != roles_.end() && found->second.is_system && role != "PUBLIC";
}

// Of the role, PUBLIC and the roles below both: one that may do everything, or whose privileges satisfy.
bool Grants::any_role(const std::string& role, const std::function<bool(const Privileges&)>& satisfy) const {
  const std::lock_guard lock(mutex_);
  const std::set<std::string> all = with_roles_below({role, "PUBLIC"});
  return std::any_of(all.begin(), all.end(), [&](const std::string& name) {
    const auto found = roles_.find(name);
    return found != roles_.end() && (is_all_powerful(name) || satisfy(found->second.privileges));
  });
}

bool Grants::may(const std::string& role, const Privilege& privilege) const {
  return any_role(role, [&](const Privileges& privileges) {
    return privileges.contains(privilege) || privileges.contains({"OWNERSHIP", privilege.kind, privilege.object});
  });
}

bool Grants::sees(const std::string& role, const std::string& kind, const std::string& object) const {
  return any_role(role, [&](const Privileges& privileges) {
    return std::any_of(privileges.begin(), privileges.end(),
                       [&](const auto& entry) { return entry.first.kind == kind && entry.first.object == object; });
  });
}

void Grants::load() {
  std::ifstream in(file_);
  if (!in) return;
  const Json json = Json::parse(in);
  for (const auto& [name, role] : json.items()) read_role(role, roles_[name]);
}

void Grants::save() const {
  Json json = Json::object();
  for (const auto& [name, role] : roles_) json[name] = role_json(role);
  replace_file(file_, json.dump(1));
}

}  // namespace imednet::sandbox::snowflake
