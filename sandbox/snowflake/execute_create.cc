// CREATE TABLE, STAGE, DATABASE, SCHEMA.
#include <algorithm>
#include <set>

#include "executor.h"
#include "load_history.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

// Skips a ( ... ) or a single value after NAME =.
void skip_value(Translator& sql) {
  if (!sql.peek().is_symbol("(")) {
    sql.next();
    return;
  }
  int depth = 0;
  do {
    if (sql.peek().kind == TokenKind::end) sql.fail();
    if (sql.peek().is_symbol("(")) ++depth;
    if (sql.peek().is_symbol(")")) --depth;
    sql.next();
  } while (depth > 0);
}

bool if_not_exists(Translator& sql) {
  if (!sql.accept_word("IF")) return false;
  sql.expect_word("NOT");
  sql.expect_word("EXISTS");
  return true;
}

std::string schema_of(const ObjectName& name) { return display_identifier(name.database) + "." + display_identifier(name.schema); }

std::string engine_column(const ColumnDefinition& column) {
  std::string sql = engine_identifier(column.name) + " " + engine_type(column.type);
  if (!column.default_sql.empty()) sql += " DEFAULT (" + column.default_sql + ")";
  if (!column.nullable) sql += " NOT NULL";
  if (column.type.kind == TypeKind::text && column.type.length < kLongestText) {
    sql += " CHECK (length(" + engine_identifier(column.name) + ") <= " + std::to_string(column.type.length) + ")";
  }
  return sql;
}

}  // namespace

StatementResult Executor::create(Translator& sql) {
  sql.next();
  const bool replace = sql.accept_words("OR", "REPLACE");
  TableKind kind = TableKind::permanent;
  if (!sql.accept_word("LOCAL")) sql.accept_word("GLOBAL");
  if (sql.accept_word("TEMPORARY") || sql.accept_word("TEMP") || sql.accept_word("VOLATILE")) kind = TableKind::temporary;
  if (sql.accept_word("TRANSIENT")) kind = TableKind::transient;
  if (sql.accept_word("TABLE")) return create_table(sql, replace, kind);
  if (kind == TableKind::permanent && sql.accept_word("VIEW")) return create_view(sql, replace);
  if (kind != TableKind::transient && sql.accept_words("FILE", "FORMAT"))
    return create_file_format(sql, replace, kind == TableKind::temporary);
  if (kind != TableKind::transient && sql.accept_word("STAGE")) return create_stage(sql, replace, kind == TableKind::temporary);
  if (kind == TableKind::temporary) sql.fail();
  if (sql.accept_word("DATABASE")) return create_database(sql, replace);
  if (sql.accept_word("SCHEMA")) return create_schema(sql, replace);
  if (sql.accept_word("ROLE")) return create_role(sql, replace);
  if (sql.accept_word("WAREHOUSE")) return create_warehouse(sql, replace);
  if (sql.accept_word("USER")) return create_user(sql, replace);
  static const std::set<std::string> kElsewhere = {
      "SEQUENCE",  "FUNCTION", "PROCEDURE", "TASK",    "STREAM", "PIPE",    "MATERIALIZED", "DYNAMIC", "EXTERNAL", "HYBRID",      "ICEBERG",
      "RECURSIVE", "SECURE",   "TAG",       "MASKING", "ROW",    "NETWORK", "RESOURCE",     "SHARE",   "STORAGE",  "INTEGRATION", "ALERT"};
  if (kElsewhere.contains(sql.peek().upper)) throw unsupported("CREATE " + sql.peek().upper);
  sql.fail();
}

StatementResult Executor::create_table(Translator& sql, bool replace, TableKind kind) {
  const bool keep = if_not_exists(sql);
  if (keep && replace) throw syntax_error("options IF NOT EXISTS and OR REPLACE are incompatible.");
  TableDefinition definition;
  definition.name = resolve_in_existing_schema(sql.object_name());
  definition.kind = kind;
  if (kind == TableKind::temporary) definition.session = session_.id();
  const auto existing = state_.catalog.find_table(definition.name, session_.id());
  // A temporary table may hide a permanent one of the same name.
  const bool clashes = existing && existing->session == definition.session;
  if (clashes && keep) {
    session_.commit();
    return defined(display_identifier(definition.name.name) + " already exists, statement succeeded.");
  }
  if (clashes && !replace) throw object_exists(definition.name.display());
  if (kind != TableKind::temporary) require_no_view(definition.name);
  if (sql.accept_words("USING", "TEMPLATE")) return create_table_using_template(definition, sql, replace);
  if (sql.accept_word("CLONE")) return clone_table(definition, sql, replace);
  if (sql.accept_word("LIKE")) {
    definition = create_table_like(definition, sql);
  } else if (sql.accept_symbol("(")) {
    do {
      if (sql.accept_word("CONSTRAINT")) sql.identifier();
      if (sql.at_word("FOREIGN") || sql.at_word("CHECK")) throw unsupported(sql.peek().upper + " in CREATE TABLE");
      if (sql.accept_word("PRIMARY") || sql.accept_word("UNIQUE")) {
        sql.accept_word("KEY");
        sql.expect_symbol("(");
        do {
          const std::string name = sql.identifier();
          for (ColumnDefinition& column : definition.columns) {
            if (column.name == name) column.primary_key = true, column.nullable = false;
          }
        } while (sql.accept_symbol(","));
        sql.expect_symbol(")");
      } else {
        definition.columns.push_back(column_definition(sql));
      }
    } while (sql.accept_symbol(","));
    sql.expect_symbol(")");
  }
  table_options(sql, definition);
  if (sql.accept_word("AS")) return create_table_as(definition, sql, replace);
  sql.expect_end();
  if (definition.columns.empty()) throw syntax_error("a table needs at least one column.");
  make_table(definition, replace);
  return defined("Table " + display_identifier(definition.name.name) + " successfully created.");
}

TableDefinition Executor::create_table_like(TableDefinition definition, Translator& sql) {
  const TableDefinition source = table(sql.object_name());
  require("SELECT", source);
  definition.columns = source.columns;
  return definition;
}

// A clone has the rows of the moment, but not what its source had loaded. [doc]
StatementResult Executor::clone_table(TableDefinition definition, Translator& sql, bool replace) {
  const TableDefinition source = table(sql.object_name());
  require("SELECT", source);
  if (sql.at_word("AT") || sql.at_word("BEFORE")) throw unsupported("CLONE of the past");
  table_options(sql, definition);
  sql.expect_end();
  if (definition.session.empty() && !source.session.empty())
    throw SqlError("002119", "0A000", "SQL compilation error:\nTemporary table cannot be cloned to a permanent table.");
  definition.columns = source.columns;
  make_table(definition, replace, "SELECT * FROM " + source.relation());
  return defined("Table " + display_identifier(definition.name.name) + " successfully created.");
}

// The query gives one array of objects as INFER_SCHEMA's rows are: COLUMN_NAME, TYPE, NULLABLE. [doc]
StatementResult Executor::create_table_using_template(TableDefinition definition, Translator& sql, bool replace) {
  sql.expect_symbol("(");
  const std::string query = sql.query();
  sql.expect_symbol(")");
  table_options(sql, definition);
  sql.expect_end();
  const ResultSet answer = session_.query(query);
  const nlohmann::json columns = answer.rows.empty() || answer.rows[0].empty()
                                     ? nlohmann::json()
                                     : nlohmann::json::parse(answer.rows[0][0].value_or("null"), nullptr, false);
  if (!columns.is_array() || columns.empty()) throw invalid_value("the template gives no columns");
  for (const nlohmann::json& one : columns) {
    const bool readable =
        one.is_object() && one.contains("COLUMN_NAME") && one["COLUMN_NAME"].is_string() && one.contains("TYPE") && one["TYPE"].is_string();
    if (!readable) throw invalid_value("the template's columns need COLUMN_NAME and TYPE");
    ColumnDefinition column;
    column.name = one["COLUMN_NAME"];
    const std::string type = one["TYPE"];
    Translator inner(tokenize(type), type, *this);
    column.type = inner.column_type();
    inner.expect_end();
    column.nullable = one.value("NULLABLE", true);
    definition.columns.push_back(column);
  }
  make_table(definition, replace);
  return defined("Table " + display_identifier(definition.name.name) + " successfully created.");
}

StatementResult Executor::create_table_as(TableDefinition definition, Translator& sql, bool replace) {
  const std::string query = sql.query();
  sql.expect_end();
  check_json(sql);
  use_warehouse();
  const ResultSet shape = session_.query("SELECT * FROM (" + query + ") AS shape LIMIT 0");
  if (definition.columns.empty()) {
    for (const ResultColumn& column : shape.columns) {
      ColumnDefinition made;
      made.name = column.name;
      made.type = column.type;
      definition.columns.push_back(made);
    }
  } else if (definition.columns.size() != shape.columns.size()) {
    throw SqlError("002026", "42601", "SQL compilation error:\nInvalid column definition list");
  }
  make_table(definition, replace, query);
  return defined("Table " + display_identifier(definition.name.name) + " successfully created.");
}

void Executor::make_table(TableDefinition& definition, bool replace, const std::string& as_query) {
  // A temporary table needs no CREATE TABLE. [doc]
  if (definition.session.empty()) require("CREATE TABLE", "SCHEMA", schema_of(definition.name));
  const auto existing = state_.catalog.find_table(definition.name, session_.id());
  definition.id = state_.catalog.new_id();
  definition.created_us = now_us_;
  std::string columns;
  for (const ColumnDefinition& column : definition.columns) columns += (columns.empty() ? "" : ", ") + engine_column(column);
  const std::string temporary = definition.kind == TableKind::temporary ? "TEMPORARY " : "";
  std::vector<std::string> statements = {"CREATE " + temporary + "TABLE " + definition.relation() + " (" + columns + ")"};
  if (!as_query.empty()) statements.push_back("INSERT INTO " + definition.relation() + " " + as_query);
  session_.commit();
  session_.write_all(statements);
  state_.catalog.put_table(definition);
  if (definition.session.empty()) own("TABLE", definition.name.display());
  if (replace && existing && existing->session == definition.session) drop_table_data(*existing);
}

void Executor::drop_table_data(const TableDefinition& definition) {
  state_.catalog.remove_table(definition.id);
  session_.define("DROP TABLE IF EXISTS " + definition.relation());
  session_.define(forget_loads_sql(definition.id));
}

ColumnDefinition Executor::column_definition(Translator& sql) {
  ColumnDefinition column;
  column.name = sql.identifier();
  column.type = sql.column_type();
  while (true) {
    if (sql.accept_words("NOT", "NULL")) {
      column.nullable = false;
    } else if (sql.accept_word("NULL")) {
      column.nullable = true;
    } else if (sql.accept_word("DEFAULT")) {
      const size_t first = sql.position();
      sql.set_deferred(true);
      column.default_sql = sql.expression().sql;
      sql.set_deferred(false);
      column.default_source = sql.source(first, sql.position());
    } else if (sql.accept_word("COMMENT")) {
      column.comment = sql.string_literal();
    } else if (sql.accept_words("PRIMARY", "KEY")) {
      column.primary_key = true;
      column.nullable = false;
    } else if (!sql.accept_word("UNIQUE")) {
      for (const char* word : {"AUTOINCREMENT", "IDENTITY", "COLLATE", "REFERENCES", "MASKING", "CHECK", "AS"}) {
        if (sql.at_word(word)) throw unsupported(std::string(word) + " of a column");
      }
      return column;
    }
  }
}

void Executor::table_options(Translator& sql, TableDefinition& definition) {
  for (int options = 0; options < 20; ++options) {
    if (sql.accept_word("COMMENT")) {
      sql.accept_symbol("=");
      definition.comment = sql.string_literal();
    } else if (sql.at_word("CLUSTER") && sql.at_word("BY", 1)) {
      sql.next();
      sql.next();
      skip_value(sql);
    } else if (sql.accept_words("COPY", "GRANTS")) {
      throw unsupported("COPY GRANTS");
    } else if (sql.at_word("DATA_RETENTION_TIME_IN_DAYS") || sql.at_word("CHANGE_TRACKING")) {
      sql.next();
      sql.expect_symbol("=");
      skip_value(sql);
    } else {
      return;
    }
  }
}

// (TYPE = 'SNOWFLAKE_FULL' | 'SNOWFLAKE_SSE'), and what external stages take.
static bool is_server_encryption(Translator& sql) {
  sql.expect_symbol("(");
  std::string type;
  while (!sql.accept_symbol(")")) {
    const std::string name = sql.next().upper;
    sql.expect_symbol("=");
    const std::string value = to_upper(sql.next().text);
    if (name == "TYPE") type = value;
    sql.accept_symbol(",");
  }
  return type == "SNOWFLAKE_SSE";
}

StatementResult Executor::create_stage(Translator& sql, bool replace, bool temporary) {
  const bool keep = if_not_exists(sql);
  StageDefinition definition;
  definition.name = resolve_in_existing_schema(sql.object_name());
  if (temporary) definition.session = session_.id();
  while (sql.peek().kind == TokenKind::word) {
    const std::string option = sql.next().upper;
    static const std::vector<std::string> kAccepted = {"COMMENT",      "FILE_FORMAT", "ENCRYPTION",          "DIRECTORY",
                                                       "COPY_OPTIONS", "URL",         "STORAGE_INTEGRATION", "CREDENTIALS"};
    if (std::find(kAccepted.begin(), kAccepted.end(), option) == kAccepted.end()) sql.fail();
    sql.accept_symbol("=");
    if (option == "COMMENT") {
      definition.comment = sql.string_literal();
    } else if (option == "URL") {
      definition.url = sql.string_literal();
    } else if (option == "FILE_FORMAT") {
      definition.format = parse_file_format(sql);
    } else if (option == "ENCRYPTION") {
      definition.is_server_encrypted = is_server_encryption(sql);
    } else {
      skip_value(sql);
    }
  }
  sql.expect_end();
  const auto existing = state_.catalog.find_stage(definition.name, session_.id());
  const bool clashes = existing && existing->session == definition.session;
  session_.commit();
  if (clashes && keep) return defined(display_identifier(definition.name.name) + " already exists, statement succeeded.");
  if (clashes && !replace) throw object_exists(definition.name.display());
  if (definition.session.empty()) require("CREATE STAGE", "SCHEMA", schema_of(definition.name));
  definition.id = state_.catalog.new_id();
  definition.created_us = now_us_;
  state_.catalog.put_stage(definition);
  if (definition.session.empty()) own("STAGE", definition.name.display());
  if (clashes) {
    state_.catalog.remove_stage(existing->id);
    state_.stages.remove_stage(*existing);
  }
  return defined("Stage area " + display_identifier(definition.name.name) + " successfully created.");
}

StatementResult Executor::create_database(Translator& sql, bool replace) {
  const bool keep = if_not_exists(sql);
  const std::string name = sql.identifier();
  TableDefinition options;
  table_options(sql, options);
  sql.expect_end();
  session_.commit();
  if (state_.catalog.has_database(name)) {
    if (keep) return defined(display_identifier(name) + " already exists, statement succeeded.");
    if (replace) throw invalid_value("CREATE OR REPLACE DATABASE is not supported by this server");
    throw object_exists(display_identifier(name));
  }
  require("CREATE DATABASE", "ACCOUNT", "");
  state_.catalog.put_database({name, options.comment, now_us_});
  state_.catalog.put_schema({name, "PUBLIC", "", now_us_});
  own("DATABASE", display_identifier(name));
  own("SCHEMA", schema_of({name, "PUBLIC", ""}));
  session_.context.database = name;
  session_.context.schema = "PUBLIC";
  return defined("Database " + display_identifier(name) + " successfully created.");
}

StatementResult Executor::create_schema(Translator& sql, bool replace) {
  const bool keep = if_not_exists(sql);
  const ObjectName name = sql.object_name();
  TableDefinition options;
  table_options(sql, options);
  sql.expect_end();
  const std::string database = name.schema.empty() ? session_.context.database : name.schema;
  if (!state_.catalog.has_database(database)) throw missing_object("Database", display_identifier(database));
  session_.commit();
  if (state_.catalog.has_schema(database, name.name)) {
    if (keep) return defined(display_identifier(name.name) + " already exists, statement succeeded.");
    if (replace) throw invalid_value("CREATE OR REPLACE SCHEMA is not supported by this server");
    throw object_exists(display_identifier(name.name));
  }
  require("CREATE SCHEMA", "DATABASE", display_identifier(database));
  state_.catalog.put_schema({database, name.name, options.comment, now_us_});
  own("SCHEMA", display_identifier(database) + "." + display_identifier(name.name));
  session_.context.database = database;
  session_.context.schema = name.name;
  return defined("Schema " + display_identifier(name.name) + " successfully created.");
}

}  // namespace imednet::sandbox::snowflake
