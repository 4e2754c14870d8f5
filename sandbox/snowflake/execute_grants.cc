// Roles, GRANT and REVOKE, and what they let a statement do.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

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

// ALL stands for each privilege that the kind of object has, but for ownership. [doc]
std::vector<std::string> spelt_out(const std::vector<std::string>& names, const std::string& kind) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (name != "ALL") {
      out.push_back(name);
    } else {
      const auto& all = all_privileges(kind);
      out.insert(out.end(), all.begin(), all.end());
    }
  }
  return out;
}

// TABLES: TABLE
std::string singular(Translator& sql) {
  const std::string kind = sql.next().upper;
  if (kind != "TABLES" && kind != "STAGES" && kind != "SCHEMAS" && kind != "VIEWS") sql.fail();
  return kind.substr(0, kind.size() - 1);
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

bool Executor::sees(const ViewDefinition& view) const {
  return sees_schema(view.name.database, view.name.schema) && state_.grants.sees(session_.context.role, "VIEW", view.name.display());
}

// Who makes a thing owns it.
void Executor::own(const std::string& kind, const std::string& object) { state_.grants.own(session_.context.role, kind, object, now_us_); }

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
  if (is_there && keep) return defined(display_identifier(role) + " already exists, statement succeeded.");
  if (is_there && !replace) throw object_exists(display_identifier(role));
  require("CREATE ROLE", "ACCOUNT", "");
  session_.commit();
  state_.grants.drop_role(role);
  state_.grants.create_role(role, options.comment, now_us_);
  return defined("Role " + display_identifier(role) + " successfully created.");
}

StatementResult Executor::drop_role(Translator& sql) {
  const bool maybe = sql.accept_words("IF", "EXISTS");
  const std::string role = sql.identifier();
  sql.expect_end();
  if (!state_.grants.has_role(role) && !maybe) throw missing_object("Role", display_identifier(role));
  require("MANAGE GRANTS", "ACCOUNT", "");
  session_.commit();
  state_.grants.drop_role(role);
  return defined(display_identifier(role) + " successfully dropped.");
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
  if (is_user && !state_.users.find(to)) throw missing_object("User", display_identifier(to));
  if (!is_user && !state_.grants.has_role(to)) throw missing_object("Role", display_identifier(to));
  require("MANAGE GRANTS", "ACCOUNT", "");
  session_.commit();
  if (gives) {
    state_.grants.give_role(role, is_user, to, {session_.context.role, now_us_});
  } else {
    state_.grants.take_role(role, is_user, to);
  }
  return defined("Statement executed successfully.");
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
  if (kind == "VIEW") {
    const auto view = find_view(name);
    if (!view) throw missing_object("View", resolve(name).display());
    return view->name.display();
  }
  sql.fail();
}

// Every object of the kind in a schema or database.
std::vector<std::string> Executor::objects_in(const std::string& kind, const std::string& container_kind, const std::string& container) {
  const auto is_inside = [&](const std::string& database, const std::string& schema) {
    return container_kind == "DATABASE" ? display_identifier(database) == container : schema_text(database, schema) == container;
  };
  std::vector<std::string> out;
  if (kind == "SCHEMA") {
    for (const SchemaDefinition& one : state_.catalog.schemas()) {
      if (is_inside(one.database, one.name)) out.push_back(schema_text(one.database, one.name));
    }
  } else if (kind == "STAGE") {
    for (const StageDefinition& one : state_.catalog.stages("")) {
      if (is_inside(one.name.database, one.name.schema)) out.push_back(one.name.display());
    }
  } else if (kind == "VIEW") {
    for (const ViewDefinition& one : state_.catalog.views()) {
      if (is_inside(one.name.database, one.name.schema)) out.push_back(one.name.display());
    }
  } else {
    for (const TableDefinition& one : state_.catalog.tables("")) {
      if (is_inside(one.name.database, one.name.schema)) out.push_back(one.name.display());
    }
  }
  return out;
}

// ON FUTURE | ALL TABLES | STAGES | SCHEMAS IN SCHEMA | DATABASE name
Executor::GrantTarget Executor::grant_target(Translator& sql) {
  GrantTarget target;
  target.is_future = sql.accept_word("FUTURE");
  if (target.is_future || sql.accept_word("ALL")) {
    target.kind = singular(sql);
    sql.expect_word("IN");
    target.container_kind = sql.next().upper;
    const bool fits = target.container_kind == "DATABASE" || (target.container_kind == "SCHEMA" && target.kind != "SCHEMA");
    if (!fits) sql.fail();
    target.container = granted_object(sql, target.container_kind);
    if (!target.is_future) target.objects = objects_in(target.kind, target.container_kind, target.container);
    require("MANAGE GRANTS", "ACCOUNT", "");
    return target;
  }
  target.kind = sql.next().upper;
  if (all_privileges(target.kind).empty()) sql.fail();
  if (sql.at_word("TO") && target.kind != "ACCOUNT") sql.fail();  // the kind of the object is missing
  target.objects = {granted_object(sql, target.kind)};
  if (!may("MANAGE GRANTS", "ACCOUNT", "")) require("OWNERSHIP", target.kind, target.objects[0]);
  return target;
}

StatementResult Executor::grant(Translator& sql) {
  const bool gives = sql.next().upper == "GRANT";
  if (sql.accept_word("ROLE")) return grant_role(sql, gives);
  const std::vector<std::string> names = privilege_names(sql);
  sql.expect_word("ON");
  const GrantTarget target = grant_target(sql);
  sql.expect_word(gives ? "TO" : "FROM");
  sql.accept_word("ROLE");
  const std::string role = sql.identifier();
  if (sql.accept_words("COPY", "CURRENT")) sql.expect_word("GRANTS");
  sql.expect_end();
  if (!state_.grants.has_role(role)) throw missing_object("Role", display_identifier(role));
  session_.commit();
  const Grants::Note note{session_.context.role, now_us_};
  const auto change = [&](const auto& privilege) {
    if (gives) {
      state_.grants.grant(role, privilege, note);
    } else {
      state_.grants.revoke(role, privilege);
    }
  };
  for (const std::string& name : spelt_out(names, target.kind)) {
    if (target.is_future) change(FuturePrivilege{name, target.kind, target.container_kind, target.container});
    for (const std::string& object : target.objects) change(Privilege{name, target.kind, object});
  }
  return defined("Statement executed successfully.");
}

}  // namespace imednet::sandbox::snowflake
