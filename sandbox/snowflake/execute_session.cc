// USE and ALTER SESSION.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

StatementResult Executor::use(Translator& sql) {
  sql.next();
  SessionContext& context = session_.context;
  if (sql.accept_word("ROLE")) {
    const std::string role = sql.identifier();
    sql.expect_end();
    if (!state_.grants.has_role(role))
      throw SqlError("002043", "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed.");
    const bool is_restricted = !session_.role_restriction.empty() && role != session_.role_restriction;
    if (is_restricted || !state_.grants.may_take(session_.user(), role)) {
      throw SqlError("003013", "42501",
                     "SQL execution error:\nRequested role '" + display_identifier(role) + "' is not assigned to the executing user.");
    }
    context.role = role;
  } else if (sql.accept_word("SECONDARY")) {
    sql.expect_word("ROLES");
    sql.identifier();
    sql.expect_end();
  } else if (sql.accept_word("WAREHOUSE")) {
    const std::string warehouse = sql.object_name().name;
    sql.expect_end();
    if (!state_.catalog.has_warehouse(warehouse) || !may("USAGE", "WAREHOUSE", display_identifier(warehouse)))
      throw SqlError("002043", "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed.");
    context.warehouse = warehouse;
  } else if (sql.accept_word("SCHEMA")) {
    const ObjectName name = sql.object_name();
    sql.expect_end();
    const std::string database = name.schema.empty() ? context.database : name.schema;
    if (!sees_schema(database, name.name))
      throw SqlError("002043", "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed.");
    context.database = database;
    context.schema = name.name;
  } else {
    sql.accept_word("DATABASE");
    const ObjectName name = sql.object_name();
    sql.expect_end();
    const std::string database = name.schema.empty() ? name.name : name.schema;
    if (!sees_database(database))
      throw SqlError("002043", "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed.");
    context.database = database;
    context.schema = name.schema.empty() ? "PUBLIC" : name.name;
  }
  return status_result("Statement executed successfully.", statement_type::kUse);
}

StatementResult Executor::alter_session(Translator& sql) {
  std::map<std::string, std::string> changes;
  const bool unset = sql.accept_word("UNSET");
  if (!unset) sql.expect_word("SET");
  do {
    const std::string name = sql.identifier();
    std::string value;
    if (!unset) {
      sql.expect_symbol("=");
      const std::string sign = sql.accept_symbol("-") ? "-" : "";
      const Token token = sql.next();
      if (token.kind != TokenKind::string && token.kind != TokenKind::word && token.kind != TokenKind::number) sql.fail();
      value = sign + (token.kind == TokenKind::word ? to_lower(token.text) : token.text);
    }
    changes[name] = value;
    sql.accept_symbol(",");
  } while (sql.peek().kind == TokenKind::word);
  sql.expect_end();
  for (const auto& [name, value] : changes) {
    if (unset) {
      session_.context.parameters.erase(name);
      if (name == "TIMEZONE") session_.set_time_zone("America/Los_Angeles");
    } else {
      set_parameter(name, value);
    }
  }
  return status_result("Statement executed successfully.", statement_type::kAlterSession);
}

void Executor::set_parameter(const std::string& name, const std::string& value) {
  if (name == "TIMEZONE") session_.set_time_zone(value);
  if (name == "AUTOCOMMIT") {
    // Switching it ends what is open; with it off every statement joins a transaction.
    session_.commit();
  }
  if (name == "QUOTED_IDENTIFIERS_IGNORE_CASE" && to_upper(value) == "TRUE") {
    throw invalid_value("QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE is not supported by this server");
  }
  if (name == "ERROR_ON_NONDETERMINISTIC_MERGE" && to_upper(value) == "FALSE") throw unsupported("ERROR_ON_NONDETERMINISTIC_MERGE = FALSE");
  session_.context.parameters[name] = value;
}

}  // namespace imednet::sandbox::snowflake
