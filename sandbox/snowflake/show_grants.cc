// SHOW ROLES, SHOW GRANTS and SHOW FUTURE GRANTS.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

StatementResult answer(const std::vector<std::string>& columns) {
  StatementResult out;
  out.type = statement_type::kShow;
  for (const std::string& name : columns) out.result.columns.push_back(name == "created_on" ? timestamp_column(name) : text_column(name));
  return out;
}

StatementResult privileges_answer() {
  return answer({"created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by"});
}

StatementResult roles_answer() { return answer({"created_on", "role", "granted_to", "grantee_name", "granted_by"}); }

void add_privilege(StatementResult& out, const std::string& role, const Privilege& privilege, const Grants::Note& note) {
  const bool owns = privilege.name == "OWNERSHIP";
  out.result.rows.push_back(
      {timestamp_cell(note.since_us), privilege.name, privilege.kind, privilege.object, "ROLE", role, owns ? "true" : "false", note.by});
}

void add_future(StatementResult& out, const std::string& role, const FuturePrivilege& one, const Grants::Note& note) {
  out.result.rows.push_back(
      {timestamp_cell(note.since_us), one.name, one.kind, one.container + ".<" + one.kind + ">", "ROLE", role, "false"});
}

}  // namespace

StatementResult Executor::show_roles(const NamedClause& clause) {
  StatementResult out = answer({"created_on", "name", "is_default", "is_current", "is_inherited", "assigned_to_users", "granted_to_roles",
                                "granted_roles", "owner", "comment"});
  const auto roles = state_.grants.roles();
  for (const auto& [name, role] : roles) {
    if (clause.like && !like_matches(name, *clause.like)) continue;
    size_t below = 0;
    for (const auto& [other, one] : roles) below += one.above.count(name);
    out.result.rows.push_back({timestamp_cell(role.created_us), name, "N", name == session_.context.role ? "Y" : "N", "N",
                               std::to_string(role.users.size()), std::to_string(role.above.size()), std::to_string(below),
                               role.is_system ? "" : "USERADMIN", role.comment});
  }
  return out;
}

// SHOW GRANTS [ON kind name | TO ROLE r | TO USER u | OF ROLE r]
StatementResult Executor::show_grants(Translator& sql) {
  if (sql.accept_word("ON")) {
    const std::string kind = sql.next().upper;
    if (all_privileges(kind).empty()) sql.fail();
    const std::string object = granted_object(sql, kind);
    sql.expect_end();
    return show_grants_on(kind, object);
  }
  if (sql.accept_words("OF", "ROLE")) {
    const std::string role = sql.identifier();
    sql.expect_end();
    return show_grants_of(role);
  }
  if (sql.accept_word("TO") && !sql.at_word("USER")) {
    sql.accept_word("ROLE");
    const std::string role = sql.identifier();
    sql.expect_end();
    return show_grants_to_role(role);
  }
  const std::string user = sql.accept_word("USER") ? sql.identifier() : session_.user();
  sql.expect_end();
  if (!state_.users.find(user)) throw missing_object("User", display_identifier(user));
  StatementResult out = roles_answer();
  for (const auto& [name, role] : state_.grants.roles()) {
    const auto note = role.users.find(user);
    if (note != role.users.end()) out.result.rows.push_back({timestamp_cell(note->second.since_us), name, "USER", user, note->second.by});
  }
  return out;
}

StatementResult Executor::show_grants_on(const std::string& kind, const std::string& object) {
  StatementResult out = privileges_answer();
  for (const auto& [name, role] : state_.grants.roles()) {
    for (const auto& [privilege, note] : role.privileges) {
      if (privilege.kind == kind && privilege.object == object) add_privilege(out, name, privilege, note);
    }
  }
  return out;
}

StatementResult Executor::show_grants_of(const std::string& role) {
  const auto roles = state_.grants.roles();
  const auto found = roles.find(role);
  if (found == roles.end()) throw missing_object("Role", display_identifier(role));
  StatementResult out = roles_answer();
  for (const auto& [above, note] : found->second.above)
    out.result.rows.push_back({timestamp_cell(note.since_us), role, "ROLE", above, note.by});
  for (const auto& [user, note] : found->second.users)
    out.result.rows.push_back({timestamp_cell(note.since_us), role, "USER", user, note.by});
  return out;
}

StatementResult Executor::show_grants_to_role(const std::string& role) {
  const auto roles = state_.grants.roles();
  const auto found = roles.find(role);
  if (found == roles.end()) throw missing_object("Role", display_identifier(role));
  StatementResult out = privileges_answer();
  for (const auto& [privilege, note] : found->second.privileges) add_privilege(out, role, privilege, note);
  for (const auto& [name, below] : roles) {
    const auto note = below.above.find(role);
    if (note != below.above.end()) add_privilege(out, role, {"USAGE", "ROLE", display_identifier(name)}, note->second);
  }
  return out;
}

// SHOW FUTURE GRANTS IN SCHEMA | DATABASE name | TO ROLE r
StatementResult Executor::show_future_grants(Translator& sql) {
  StatementResult out = answer({"created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option"});
  std::string only_role;
  std::string container;
  if (sql.accept_word("TO")) {
    sql.accept_word("ROLE");
    only_role = sql.identifier();
    if (!state_.grants.has_role(only_role)) throw missing_object("Role", display_identifier(only_role));
  } else {
    sql.expect_word("IN");
    const std::string kind = sql.next().upper;
    if (kind != "SCHEMA" && kind != "DATABASE") sql.fail();
    container = granted_object(sql, kind);
  }
  sql.expect_end();
  for (const auto& [name, role] : state_.grants.roles()) {
    if (!only_role.empty() && name != only_role) continue;
    for (const auto& [one, note] : role.future) {
      if (container.empty() || one.container == container) add_future(out, name, one, note);
    }
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
