#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace imednet::sandbox::snowflake {

// A privilege on one object. `kind`: ACCOUNT, DATABASE, SCHEMA, WAREHOUSE, STAGE, TABLE or VIEW; `object`: its full name as displayed.
struct Privilege {
  std::string name;
  std::string kind;
  std::string object;
  auto operator<=>(const Privilege&) const = default;
};

// A privilege on every table or stage that will be made in a schema, or table, stage or schema in a database.
struct FuturePrivilege {
  std::string name;
  std::string kind;
  std::string container_kind;  // SCHEMA or DATABASE
  std::string container;
  auto operator<=>(const FuturePrivilege&) const = default;
};

// Which roles there are, who may take them, and what each was granted; written to one file after each change.
//
// The system roles but PUBLIC may do everything. A role made by CREATE ROLE may do what it was granted, what the roles
// below it were granted, and what it made itself.
class Grants {
 public:
  // `first_user` may take every system role.
  Grants(std::filesystem::path file, const std::string& first_user);

  struct Note {
    std::string by;
    int64_t since_us = 0;
  };
  using Privileges = std::map<Privilege, Note>;
  struct Role {
    bool is_system = false;
    std::string comment;
    int64_t created_us = 0;
    Privileges privileges;
    std::map<FuturePrivilege, Note> future;
    std::map<std::string, Note> users;  // who may take it
    std::map<std::string, Note> above;  // roles that it was granted to
  };

  std::map<std::string, Role> roles() const;
  bool has_role(const std::string& role) const;
  bool may_take(const std::string& user, const std::string& role) const;
  void create_role(const std::string& role, const std::string& comment, int64_t now_us);
  void drop_role(const std::string& role);
  void give_role(const std::string& role, bool to_user, const std::string& to, const Note& note);
  void take_role(const std::string& role, bool from_user, const std::string& from);
  void forget_user(const std::string& user);

  void grant(const std::string& role, const Privilege& privilege, const Note& note);
  void grant(const std::string& role, const FuturePrivilege& privilege, const Note& note);
  void revoke(const std::string& role, const Privilege& privilege);
  void revoke(const std::string& role, const FuturePrivilege& privilege);
  // An object was made: its maker owns it, and FUTURE grants come true. Those of its schema hide those of its database. [doc]
  void own(const std::string& role, const std::string& kind, const std::string& object, int64_t now_us);
  // COPY GRANTS: what was granted on an object, but for its ownership, holds for the one that `remake` makes in its place. [doc]
  void copy(const std::string& kind, const std::string& object, const std::function<void()>& remake);
  void forget_object(const std::string& kind, const std::string& object);
  void rename_object(const std::string& kind, const std::string& from, const std::string& to);

  // OWNERSHIP and a system role stand for every privilege.
  bool may(const std::string& role, const Privilege& privilege) const;
  // Any privilege at all: without one the object does not exist for the role. [doc]
  bool sees(const std::string& role, const std::string& kind, const std::string& object) const;

 private:
  void load();
  void save() const;
  std::set<std::string> with_roles_below(const std::set<std::string>& roles) const;
  bool is_all_powerful(const std::string& role) const;
  bool any_role(const std::string& role, const std::function<bool(const Privileges&)>& satisfy) const;

  std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::map<std::string, Role> roles_;
};

// What ALL [PRIVILEGES] on an object of that kind stands for; empty: there is no such kind.
const std::vector<std::string>& all_privileges(const std::string& kind);

}  // namespace imednet::sandbox::snowflake
