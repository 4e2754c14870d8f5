// Roles, GRANT and REVOKE, and what they let a statement do.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

StatementResult done(const std::string& message) { return status_result(message, statement_type::kDefinition); }

std::string schema_text(const std::string& database, const std::string& schema) {
  return display_identifier(database) + "." + display_identifier(schema);
}

// SELECT, INSERT | ALL [PRIVILEGES] | CREATE TABLE, … up to ON.
std::vector<std::string> privilege_names(Translator& sql) {
  std::vector<std::string> names;
  do {
    std::string name;
    while (sql.peek().kind == TokenKind::word && !sql.at_word("ON")) name += (name.empty() ? "" : " ") + sql.next().upper;
    if (name.empty()) sql.fail();
    names.push_back(name == "ALL PRIVILEGES" ? "ALL" : name);
  } while (sql.accept_symbol(","));
  return names;
}

}  // namespace

bool Executor::may(const std::string& privilege, const std::string& kind, const std::string& object) const {
  return state_.grants.may(session_.context.role, {privilege, kind, object});
}

void Executor::require(const std::string& privilege, const std::string& kind, const std::string& object) const {
  if (may(privilege, kind, object)) return;
  throw SqlError("003001", "42501",
                 "SQL access control error:\nInsufficient privileges to operate on " + to_lower(kind) + " '" + object + "'");
}

void Executor::require(const std::string& privilege, const TableDefinition& table) const {
  if (table.session.empty()) require(privilege, "TABLE", table.name.display());
}

bool Executor::sees_database(const std::string& database) const {
  return state_.catalog.has_database(database) && may("USAGE", "DATABASE", display_identifier(database));
}

bool Executor::sees_schema(const std::string& database, const std::string& schema) const {
  return sees_database(database) && state_.catalog.has_schema(database, schema) && may("USAGE", "SCHEMA", schema_text(database, schema));
}

bool Executor::sees(const TableDefinition& table) const {
  return !table.session.empty() ||
         (sees_schema(table.name.database, table.name.schema) && state_.grants.sees(session_.context.role, "TABLE", table.name.display()));
}

bool Executor::sees(const StageDefinition& stage) const {
  return !stage.session.empty() ||
         (sees_schema(stage.name.database, stage.name.schema) && state_.grants.sees(session_.context.role, "STAGE", stage.name.display()));
}

// Who makes a thing owns it.
void Executor::own(const std::string& kind, const std::string& object) {
  state_.grants.grant(session_.context.role, {"OWNERSHIP", kind, object});
}

StatementResult Executor::create_role(Translator& sql, bool replace) {
  const bool keep = sql.accept_word("IF");
  if (keep) {
    sql.expect_word("NOT");
    sql.expect_word("EXISTS");
  }
  const std::string role = sql.identifier();
  TableDefinition options;
  table_options(sql, options);
  sql.expect_end();
  const bool is_there = state_.grants.has_role(role);
  if (is_there && keep) return done(display_identifier(role) + " already exists, statement succeeded.");
  if (is_there && !replace) throw object_exists(display_identifier(role));
  state_.grants.drop_role(role);
  state_.grants.create_role(role);
  return done("Role " + display_identifier(role) + " successfully created.");
}

StatementResult Executor::drop_role(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const std::string role = sql.identifier();
  sql.expect_end();
  if (!state_.grants.has_role(role) && !maybe) throw missing_object("Role", display_identifier(role));
  state_.grants.drop_role(role);
  return done(display_identifier(role) + " successfully dropped.");
}

// GRANT | REVOKE ROLE r TO|FROM USER u | ROLE other.
StatementResult Executor::grant_role(Translator& sql, bool gives) {
  const std::string role = sql.identifier();
  sql.expect_word(gives ? "TO" : "FROM");
  const bool is_user = sql.accept_word("USER");
  if (!is_user) sql.expect_word("ROLE");
  const std::string to = sql.identifier();
  sql.expect_end();
  if (!state_.grants.has_role(role)) throw missing_object("Role", display_identifier(role));
  if (is_user && to != to_upper(state_.options.user)) throw missing_object("User", display_identifier(to));
  if (!is_user && !state_.grants.has_role(to)) throw missing_object("Role", display_identifier(to));
  // A role below one that the user may take may be taken too.
  if (is_user || state_.grants.may_take(to)) state_.grants.let_take(role, gives);
  return done("Statement executed successfully.");
}

// The object of GRANT … ON kind name, as it is displayed; throws when it is not there.
std::string Executor::granted_object(Translator& sql, const std::string& kind) {
  if (kind == "ACCOUNT") return "";
  const ObjectName name = sql.object_name();
  if (kind == "DATABASE") {
    if (!state_.catalog.has_database(name.name)) throw missing_object("Database", display_identifier(name.name));
    return display_identifier(name.name);
  }
  if (kind == "WAREHOUSE") {
    if (!state_.catalog.has_warehouse(name.name)) throw missing_object("Warehouse", display_identifier(name.name));
    return display_identifier(name.name);
  }
  if (kind == "SCHEMA") {
    const std::string database = name.schema.empty() ? session_.context.database : name.schema;
    if (!state_.catalog.has_schema(database, name.name)) throw missing_object("Schema", schema_text(database, name.name));
    return schema_text(database, name.name);
  }
  if (kind == "STAGE") return stage(name).name.display();
  if (kind == "TABLE") return table(name).name.display();
  sql.fail();
}

StatementResult Executor::grant(Translator& sql) {
  const bool gives = sql.next().upper == "GRANT";
  if (sql.accept_word("ROLE")) return grant_role(sql, gives);
  const std::vector<std::string> privileges = privilege_names(sql);
  sql.expect_word("ON");
  const std::string kind = sql.next().upper;
  if (sql.at_word("TO") && kind != "ACCOUNT") sql.fail();  // the kind of the object is missing
  const std::string object = granted_object(sql, kind);
  sql.expect_word(gives ? "TO" : "FROM");
  sql.accept_word("ROLE");
  const std::string role = sql.identifier();
  if (sql.accept_words("COPY", "CURRENT")) sql.expect_word("GRANTS");
  sql.expect_end();
  if (!state_.grants.has_role(role)) throw missing_object("Role", display_identifier(role));
  for (const std::string& privilege : privileges) {
    if (gives) {
      state_.grants.grant(role, {privilege, kind, object});
    } else {
      state_.grants.revoke(role, {privilege, kind, object});
    }
  }
  return done("Statement executed successfully.");
}

}  // namespace imednet::sandbox::snowflake
