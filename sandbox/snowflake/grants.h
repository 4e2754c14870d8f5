#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace imednet::sandbox::snowflake {

// Which roles there are, which the sandbox's one user may take, and what a role was granted.
//
// The system roles may do everything. A role made by CREATE ROLE may do what it was granted and what it made itself.
// Kept in memory only.
class Grants {
 public:
  Grants();

  std::vector<std::string> roles() const;
  bool has_role(const std::string& role) const;
  bool may_take(const std::string& role) const;
  void create_role(const std::string& role);
  void drop_role(const std::string& role);
  void let_take(const std::string& role, bool may);

  // `kind`: DATABASE, SCHEMA, WAREHOUSE, STAGE or TABLE; `object`: its full name as displayed.
  struct Privilege {
    std::string name;
    std::string kind;
    std::string object;
    auto operator<=>(const Privilege&) const = default;
  };
  void grant(const std::string& role, const Privilege& privilege);
  void revoke(const std::string& role, const Privilege& privilege);
  // OWNERSHIP, ALL and a system role stand for every privilege.
  bool may(const std::string& role, const Privilege& privilege) const;
  // Any privilege at all: without one the object does not exist for the role. [doc]
  bool sees(const std::string& role, const std::string& kind, const std::string& object) const;

 private:
  struct Role {
    bool is_system = false;
    bool is_taken_by_user = false;
    std::set<Privilege> granted;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Role> roles_;
};

}  // namespace imednet::sandbox::snowflake
