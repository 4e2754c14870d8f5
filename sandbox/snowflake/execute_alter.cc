// ALTER TABLE, DROP, TRUNCATE, COMMENT.
#include <algorithm>

#include "executor.h"
#include "load_history.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

bool if_exists(Translator& sql) {
  if (!sql.accept_word("IF")) return false;
  sql.expect_word("EXISTS");
  return true;
}

void skip_drop_behaviour(Translator& sql) {
  if (!sql.accept_word("CASCADE")) sql.accept_word("RESTRICT");
}

// SET COMMENT = 'text' | UNSET COMMENT
std::string new_comment(Translator& sql) {
  if (sql.accept_words("UNSET", "COMMENT")) return "";
  sql.expect_word("SET");
  sql.expect_word("COMMENT");
  sql.expect_symbol("=");
  return sql.string_literal();
}

ColumnDefinition& column_of(TableDefinition& definition, const std::string& name) {
  for (ColumnDefinition& column : definition.columns) {
    if (column.name == name) return column;
  }
  throw SqlError("000904", "42000", "SQL compilation error:\ninvalid identifier '" + display_identifier(name) + "'");
}

}  // namespace

StatementResult Executor::alter(Translator& sql) {
  sql.next();
  if (sql.accept_word("SESSION")) return alter_session(sql);
  if (sql.accept_word("TABLE")) return alter_table(sql);
  if (sql.accept_word("USER")) return alter_user(sql);
  if (sql.accept_word("WAREHOUSE")) return alter_warehouse(sql);
  if (sql.at_word("SCHEMA") || sql.at_word("DATABASE")) return alter_container(sql);
  for (const char* word : {"ACCOUNT", "VIEW", "STAGE", "FILE", "ROLE", "SEQUENCE", "TASK", "STREAM", "PIPE", "PROCEDURE", "FUNCTION"}) {
    if (sql.at_word(word)) throw unsupported(std::string("ALTER ") + word);
  }
  sql.fail();
}

StatementResult Executor::alter_table(Translator& sql) {
  const bool maybe = if_exists(sql);
  const ObjectName name = sql.object_name();
  if (maybe && !state_.catalog.find_table(resolve(name), session_.id())) return defined();
  TableDefinition definition = table(name);
  require("OWNERSHIP", definition);
  if (sql.accept_word("ADD")) return add_columns(sql, definition);
  if (sql.accept_words("RENAME", "TO")) return rename_table(sql, definition);
  if (sql.accept_words("SWAP", "WITH")) return swap_tables(sql, definition);
  if (sql.accept_words("RENAME", "COLUMN")) return rename_column(sql, definition);
  if (sql.at_word("ALTER") || sql.at_word("MODIFY")) return alter_column(sql, definition);
  for (const char* word : {"CLUSTER", "RECLUSTER", "SUSPEND", "RESUME"}) {
    if (sql.at_word(word)) throw unsupported(std::string("ALTER TABLE … ") + word);
  }
  if (sql.accept_word("DROP")) return drop_columns(sql, definition);
  if (sql.at_word("SET") || sql.at_word("UNSET")) {
    definition.comment = new_comment(sql);
    sql.expect_end();
    session_.commit();
    state_.catalog.put_table(definition);
    return defined();
  }
  sql.fail();
}

StatementResult Executor::add_columns(Translator& sql, TableDefinition definition) {
  sql.accept_word("COLUMN");
  std::vector<std::string> statements;
  do {
    bool keep = false;
    if (sql.accept_word("IF")) {
      sql.expect_word("NOT");
      sql.expect_word("EXISTS");
      keep = true;
    }
    const ColumnDefinition column = column_definition(sql);
    if (definition.column(column.name)) {
      if (keep) continue;
      throw SqlError("001430", "42601", "SQL compilation error:\ncolumn '" + column.name + "' already exists");
    }
    if (!column.nullable && column.default_sql.empty() &&
        session_.query("SELECT 1 FROM " + definition.relation() + " LIMIT 1").rows.size() == 1) {
      throw SqlError(
          "002093", "23502",
          "SQL compilation error:\nNon-nullable column '" + column.name + "' cannot be added to non-empty table without a default.");
    }
    std::string add =
        "ALTER TABLE " + definition.relation() + " ADD COLUMN " + engine_identifier(column.name) + " " + engine_type(column.type);
    if (!column.default_sql.empty()) add += " DEFAULT (" + column.default_sql + ")";
    statements.push_back(add);
    if (!column.nullable)
      statements.push_back("ALTER TABLE " + definition.relation() + " ALTER COLUMN " + engine_identifier(column.name) + " SET NOT NULL");
    definition.columns.push_back(column);
  } while (sql.accept_symbol(",") && (sql.accept_word("COLUMN") || true));
  sql.expect_end();
  session_.commit();
  if (!statements.empty()) session_.write_all(statements);
  state_.catalog.put_table(definition);
  state_.locks.note_change(definition.id);
  return defined();
}

StatementResult Executor::drop_columns(Translator& sql, TableDefinition definition) {
  sql.expect_word("COLUMN");
  const bool maybe = if_exists(sql);
  std::vector<std::string> statements;
  do {
    const std::string name = sql.identifier();
    if (maybe && !definition.column(name)) continue;
    column_of(definition, name);
    std::erase_if(definition.columns, [&](const ColumnDefinition& column) { return column.name == name; });
    statements.push_back("ALTER TABLE " + definition.relation() + " DROP COLUMN " + engine_identifier(name));
  } while (sql.accept_symbol(","));
  sql.expect_end();
  session_.commit();
  if (!statements.empty()) session_.write_all(statements);
  state_.catalog.put_table(definition);
  state_.locks.note_change(definition.id);
  return defined();
}

StatementResult Executor::rename_table(Translator& sql, TableDefinition definition) {
  ObjectName name = sql.object_name();
  sql.expect_end();
  if (name.schema.empty()) {
    name.database = definition.name.database;
    name.schema = definition.name.schema;
  }
  name = resolve_in_existing_schema(name);
  if (state_.catalog.find_table(name, session_.id())) throw object_exists(name.display());
  require_no_view(name);
  session_.commit();
  if (definition.session.empty()) state_.grants.rename_object("TABLE", definition.name.display(), name.display());
  definition.name = name;
  state_.catalog.put_table(definition);
  return defined();
}

StatementResult Executor::drop(Translator& sql) {
  sql.next();
  if (sql.accept_word("VIEW")) return drop_view(sql);
  for (const char* word : {"SEQUENCE", "FUNCTION", "PROCEDURE", "TASK", "STREAM", "PIPE"}) {
    if (sql.at_word(word)) throw unsupported(std::string("DROP ") + word);
  }
  if (sql.accept_word("DATABASE")) return drop_database(sql);
  if (sql.accept_word("SCHEMA")) return drop_schema(sql);
  if (sql.accept_word("ROLE")) return drop_role(sql);
  if (sql.accept_word("WAREHOUSE")) return drop_warehouse(sql);
  if (sql.accept_word("USER")) return drop_user(sql);
  if (sql.accept_words("FILE", "FORMAT")) return drop_file_format(sql);
  const bool is_stage = sql.accept_word("STAGE");
  if (!is_stage) sql.expect_word("TABLE");
  const bool maybe = if_exists(sql);
  const ObjectName name = sql.object_name();
  skip_drop_behaviour(sql);
  sql.expect_end();
  session_.commit();
  const ObjectName full = resolve(name);
  const std::string gone = "Drop statement executed successfully (" + display_identifier(full.name) + " already dropped).";
  if (is_stage) {
    if (maybe && !state_.catalog.find_stage(full, session_.id())) return defined(gone);
    const StageDefinition definition = stage(name);
    if (definition.session.empty()) require("OWNERSHIP", "STAGE", definition.name.display());
    state_.catalog.remove_stage(definition.id);
    state_.stages.remove_stage(definition);
    if (definition.session.empty()) state_.grants.forget_object("STAGE", definition.name.display());
  } else {
    if (maybe && !state_.catalog.find_table(full, session_.id())) return defined(gone);
    const TableDefinition definition = table(name);
    require("OWNERSHIP", definition);
    drop_table_data(definition);
    if (definition.session.empty()) state_.grants.forget_object("TABLE", definition.name.display());
  }
  return defined(display_identifier(full.name) + " successfully dropped.");
}

StatementResult Executor::drop_database(Translator& sql) {
  const bool maybe = if_exists(sql);
  const std::string name = sql.identifier();
  skip_drop_behaviour(sql);
  sql.expect_end();
  if (!state_.catalog.has_database(name)) {
    if (maybe) return defined("Drop statement executed successfully (" + display_identifier(name) + " already dropped).");
    throw missing_object("Database", display_identifier(name));
  }
  require("OWNERSHIP", "DATABASE", display_identifier(name));
  session_.commit();
  for (const TableDefinition& definition : state_.catalog.tables(session_.id())) {
    if (definition.name.database == name) drop_table_data(definition);
  }
  for (const ViewDefinition& view : state_.catalog.views()) {
    if (view.name.database == name) state_.catalog.remove_view(view.id);
  }
  for (const StageDefinition& definition : state_.catalog.stages(session_.id())) {
    if (definition.name.database != name) continue;
    state_.catalog.remove_stage(definition.id);
    state_.stages.remove_stage(definition);
  }
  for (const SchemaDefinition& schema : state_.catalog.schemas()) {
    if (schema.database == name) state_.catalog.remove_schema(name, schema.name);
  }
  state_.catalog.remove_database(name);
  state_.grants.forget_object("DATABASE", display_identifier(name));
  if (session_.context.database == name) session_.context.database = session_.context.schema = "";
  return defined(display_identifier(name) + " successfully dropped.");
}

StatementResult Executor::drop_schema(Translator& sql) {
  const bool maybe = if_exists(sql);
  const ObjectName name = sql.object_name();
  skip_drop_behaviour(sql);
  sql.expect_end();
  const std::string database = name.schema.empty() ? session_.context.database : name.schema;
  if (!state_.catalog.has_schema(database, name.name)) {
    if (maybe) return defined("Drop statement executed successfully (" + display_identifier(name.name) + " already dropped).");
    throw missing_object("Schema", display_identifier(name.name));
  }
  require("OWNERSHIP", "SCHEMA", display_identifier(database) + "." + display_identifier(name.name));
  session_.commit();
  for (const TableDefinition& definition : state_.catalog.tables(session_.id())) {
    if (definition.name.database == database && definition.name.schema == name.name) drop_table_data(definition);
  }
  for (const ViewDefinition& view : state_.catalog.views()) {
    if (view.name.database == database && view.name.schema == name.name) state_.catalog.remove_view(view.id);
  }
  for (const StageDefinition& definition : state_.catalog.stages(session_.id())) {
    if (definition.name.database != database || definition.name.schema != name.name) continue;
    state_.catalog.remove_stage(definition.id);
    state_.stages.remove_stage(definition);
  }
  state_.catalog.remove_schema(database, name.name);
  state_.grants.forget_object("SCHEMA", display_identifier(database) + "." + display_identifier(name.name));
  if (session_.context.database == database && session_.context.schema == name.name) session_.context.schema = "";
  return defined(display_identifier(name.name) + " successfully dropped.");
}

// TRUNCATE forgets the loads too, and like DDL it ends an open transaction here.
StatementResult Executor::truncate(Translator& sql) {
  sql.next();
  sql.accept_word("TABLE");
  const bool maybe = if_exists(sql);
  const ObjectName name = sql.object_name();
  sql.expect_end();
  if (maybe && !state_.catalog.find_table(resolve(name), session_.id())) return defined();
  const TableDefinition definition = table(name);
  require("TRUNCATE", definition);
  session_.commit();
  lock(definition, RowChange::alters);
  session_.write_all({"DELETE FROM " + definition.relation(), forget_loads_sql(definition.id)});
  return defined();
}

StatementResult Executor::comment(Translator& sql) {
  sql.next();
  const bool maybe = if_exists(sql);
  sql.expect_word("ON");
  if (sql.accept_word("COLUMN")) {
    ObjectName name;
    std::vector<std::string> parts = {sql.identifier()};
    while (sql.accept_symbol(".")) parts.push_back(sql.identifier());
    if (parts.size() < 2 || parts.size() > 4) sql.fail();
    const std::string column = parts.back();
    name.name = parts[parts.size() - 2];
    if (parts.size() > 2) name.schema = parts[parts.size() - 3];
    if (parts.size() > 3) name.database = parts[0];
    sql.expect_word("IS");
    const std::string text = sql.string_literal();
    sql.expect_end();
    TableDefinition definition = table(name);
    require("OWNERSHIP", definition);
    column_of(definition, column).comment = text;
    session_.commit();
    state_.catalog.put_table(definition);
    return defined();
  }
  const std::string kind = sql.next().upper;
  if (kind != "TABLE" && kind != "STAGE" && kind != "SCHEMA" && kind != "DATABASE" && kind != "WAREHOUSE" && kind != "VIEW") sql.fail();
  const ObjectName name = sql.object_name();
  sql.expect_word("IS");
  const std::string text = sql.string_literal();
  sql.expect_end();
  session_.commit();
  if (kind == "STAGE") {
    StageDefinition definition = stage(name);
    require("OWNERSHIP", "STAGE", definition.name.display());
    definition.comment = text;
    state_.catalog.put_stage(definition);
  } else if (kind == "WAREHOUSE") {
    WarehouseDefinition definition = warehouse(name.name);
    require("MODIFY", "WAREHOUSE", display_identifier(name.name));
    definition.comment = text;
    state_.catalog.put_warehouse(definition);
  } else if (kind == "VIEW") {
    auto view = find_view(name);
    if (!view && maybe) return defined();
    if (!view) throw missing_object("View", resolve(name).display());
    require("OWNERSHIP", "VIEW", view->name.display());
    view->comment = text;
    state_.catalog.put_view(*view);
  } else if (kind != "TABLE") {
    set_container_comment(kind, name, text, maybe);
  } else if (!maybe || state_.catalog.find_table(resolve(name), session_.id())) {
    TableDefinition definition = table(name);
    require("OWNERSHIP", definition);
    definition.comment = text;
    state_.catalog.put_table(definition);
  }
  return defined();
}

// ALTER SCHEMA | DATABASE name SET COMMENT = '…' | UNSET COMMENT
StatementResult Executor::alter_container(Translator& sql) {
  const std::string kind = sql.next().upper;
  const bool maybe = if_exists(sql);
  const ObjectName name = sql.object_name();
  const std::string text = new_comment(sql);
  sql.expect_end();
  session_.commit();
  set_container_comment(kind, name, text, maybe);
  return defined();
}

void Executor::set_container_comment(const std::string& kind, const ObjectName& name, const std::string& text, bool maybe) {
  if (kind == "DATABASE") {
    auto database = state_.catalog.find_database(name.name);
    if (!database && maybe) return;
    if (!database || !sees_database(name.name)) throw missing_object("Database", display_identifier(name.name));
    require("OWNERSHIP", "DATABASE", display_identifier(name.name));
    database->comment = text;
    return state_.catalog.put_database(*database);
  }
  const std::string in = name.schema.empty() ? session_.context.database : name.schema;
  auto schema = state_.catalog.find_schema(in, name.name);
  if (!schema && maybe) return;
  const std::string full = display_identifier(in) + "." + display_identifier(name.name);
  if (!schema || !sees_schema(in, name.name)) throw missing_object("Schema", full);
  require("OWNERSHIP", "SCHEMA", full);
  schema->comment = text;
  state_.catalog.put_schema(*schema);
}

}  // namespace imednet::sandbox::snowflake
