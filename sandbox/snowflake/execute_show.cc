// SHOW ... [LIKE 'pattern'] [IN ...] and DESCRIBE.
#include <algorithm>
#include <set>

#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

StatementResult answer(const std::vector<std::string>& columns, int type) {
  StatementResult out;
  out.type = type;
  for (const std::string& name : columns) {
    const bool count = name == "rows" || name == "bytes";
    out.result.columns.push_back(name == "created_on" ? timestamp_column(name) : count ? number_column(name) : text_column(name));
  }
  return out;
}

bool wanted(const Executor::NamedClause& clause, const std::string& name) { return !clause.like || like_matches(name, *clause.like); }

bool inside(const Executor::NamedClause& clause, const ObjectName& name) {
  return (clause.database.empty() || clause.database == name.database) && (clause.schema.empty() || clause.schema == name.schema);
}

}  // namespace

Executor::NamedClause Executor::show_clause(Translator& sql, const std::string& kind) {
  NamedClause clause;
  if (sql.accept_word("LIKE")) clause.like = sql.string_literal();
  if (sql.accept_word("IN") || (kind == "COLUMNS" && sql.accept_word("FROM"))) {
    if (sql.accept_word("ACCOUNT")) {
      clause.everywhere = true;
    } else if (sql.accept_word("DATABASE")) {
      clause.database = sql.peek().kind == TokenKind::end ? session_.context.database : sql.identifier();
      clause.everywhere = true;
    } else if (kind == "COLUMNS" && !sql.at_word("SCHEMA")) {
      if (!sql.accept_word("TABLE")) sql.accept_word("VIEW");
      clause.table = sql.object_name();
    } else {
      sql.accept_word("SCHEMA");
      const ObjectName name = sql.object_name();
      clause.schema = name.name;
      clause.database = name.schema.empty() ? session_.context.database : name.schema;
      if (kind != "SCHEMAS" && !sees_schema(clause.database, clause.schema)) {
        throw missing_object("Schema", display_identifier(clause.database) + "." + display_identifier(clause.schema));
      }
    }
  }
  if (sql.accept_word("STARTS")) {
    sql.expect_word("WITH");
    clause.starts_with = sql.string_literal();
  }
  if (sql.accept_word("LIMIT")) clause.limit = static_cast<size_t>(sql.integer_literal());
  sql.expect_end();
  if (!clause.everywhere && clause.schema.empty()) {
    clause.database = session_.context.database;
    clause.schema = session_.context.schema;
  }
  return clause;
}

StatementResult Executor::show(Translator& sql) {
  sql.next();
  sql.accept_word("TERSE");
  using Show = StatementResult (Executor::*)(const NamedClause&);
  static const std::map<std::string, Show> kKinds = {{"TABLES", &Executor::show_tables},         {"STAGES", &Executor::show_stages},
                                                     {"DATABASES", &Executor::show_databases},   {"SCHEMAS", &Executor::show_schemas},
                                                     {"WAREHOUSES", &Executor::show_warehouses}, {"COLUMNS", &Executor::show_columns},
                                                     {"PARAMETERS", &Executor::show_parameters}, {"ROLES", &Executor::show_roles},
                                                     {"USERS", &Executor::show_users},           {"VIEWS", &Executor::show_views}};
  if (sql.accept_word("GRANTS")) return show_grants(sql);
  if (sql.accept_words("FUTURE", "GRANTS")) return show_future_grants(sql);
  if (sql.accept_word("USER")) return show_access_tokens(sql);
  if (sql.accept_word("TRANSACTIONS")) return show_transactions(sql);
  if (sql.accept_words("FILE", "FORMATS")) return show_file_formats(show_clause(sql, "FILE FORMATS"));
  const auto kind = kKinds.find(sql.peek().upper);
  static const std::set<std::string> kElsewhere = {"FUNCTIONS", "PROCEDURES", "SEQUENCES", "TASKS",        "STREAMS",
                                                   "PIPES",     "LOCKS",      "OBJECTS",   "PRIMARY",      "IMPORTED",
                                                   "UNIQUE",    "SHARES",     "VARIABLES", "INTEGRATIONS", "REGIONS"};
  if (kElsewhere.contains(sql.peek().upper)) throw unsupported("SHOW " + sql.peek().upper);
  if (kind == kKinds.end()) sql.fail();
  sql.next();
  if (kind->first == "PARAMETERS") {
    // IN SESSION, IN ACCOUNT and no scope all show what this session has.
    NamedClause clause;
    if (sql.accept_word("LIKE")) clause.like = sql.string_literal();
    if (sql.accept_word("IN") && !sql.accept_word("SESSION")) sql.expect_word("ACCOUNT");
    sql.expect_end();
    return show_parameters(clause);
  }
  const NamedClause clause = show_clause(sql, kind->first);
  StatementResult out = (this->*kind->second)(clause);
  // STARTS WITH tells upper from lower case, LIKE does not. [doc]
  const auto& columns = out.result.columns;
  const auto named = std::find_if(columns.begin(), columns.end(),
                                  [](const ResultColumn& column) { return column.name == "name" || column.name == "column_name"; });
  if (named != columns.end()) {
    const auto at = static_cast<size_t>(named - columns.begin());
    std::erase_if(out.result.rows, [&](const Row& row) { return !row[at].value_or("").starts_with(clause.starts_with); });
  }
  if (out.result.rows.size() > clause.limit) out.result.rows.resize(clause.limit);
  return out;
}

StatementResult Executor::show_tables(const NamedClause& clause) {
  StatementResult out = answer({"created_on",      "name",           "database_name",
                                "schema_name",     "kind",           "comment",
                                "cluster_by",      "rows",           "bytes",
                                "owner",           "retention_time", "automatic_clustering",
                                "change_tracking", "is_external",    "enable_schema_evolution",
                                "owner_role_type", "is_event",       "is_hybrid",
                                "is_iceberg",      "is_dynamic",     "is_immutable"},
                               statement_type::kShow);
  for (const TableDefinition& table : state_.catalog.tables(session_.id())) {
    if (!inside(clause, table.name) || !wanted(clause, table.name.name) || !table.name.name.starts_with(clause.starts_with) ||
        !sees(table)) {
      continue;
    }
    if (out.result.rows.size() >= clause.limit) break;
    const std::string rows = session_.query("SELECT count(*) FROM " + table.relation()).rows[0][0].value_or("0");
    out.result.rows.push_back({timestamp_cell(table.created_us),
                               table.name.name,
                               table.name.database,
                               table.name.schema,
                               table.kind_text(),
                               table.comment,
                               "",
                               rows,
                               rows == "0" ? "0" : "1024",
                               session_.context.role,
                               "1",
                               "OFF",
                               "OFF",
                               "N",
                               "N",
                               "ROLE",
                               "N",
                               "N",
                               "N",
                               "N",
                               "N"});
  }
  return out;
}

StatementResult Executor::show_stages(const NamedClause& clause) {
  StatementResult out =
      answer({"created_on", "name", "database_name", "schema_name", "url", "has_credentials", "has_encryption_key", "owner", "comment",
              "region", "type", "cloud", "notification_channel", "storage_integration", "endpoint", "owner_role_type", "directory_enabled"},
             statement_type::kShow);
  for (const StageDefinition& stage : state_.catalog.stages(session_.id())) {
    if (!inside(clause, stage.name) || !wanted(clause, stage.name.name) || !sees(stage)) continue;
    const std::string type = !stage.url.empty() ? "EXTERNAL" : stage.session.empty() ? "INTERNAL" : "INTERNAL TEMPORARY";
    out.result.rows.push_back({timestamp_cell(stage.created_us), stage.name.name, stage.name.database, stage.name.schema, stage.url, "N",
                               "N", session_.context.role, stage.comment, Cell(), type, Cell(), Cell(), Cell(), Cell(), "ROLE", "N"});
  }
  return out;
}

StatementResult Executor::show_databases(const NamedClause& clause) {
  StatementResult out =
      answer({"created_on", "name", "is_default", "is_current", "origin", "owner", "comment", "options", "retention_time", "kind"},
             statement_type::kShow);
  for (const DatabaseDefinition& database : state_.catalog.databases()) {
    if (!wanted(clause, database.name)) continue;
    out.result.rows.push_back({timestamp_cell(database.created_us), database.name, "N",
                               database.name == session_.context.database ? "Y" : "N", "", session_.context.role, database.comment, "", "1",
                               "STANDARD"});
  }
  return out;
}

StatementResult Executor::show_schemas(const NamedClause& clause) {
  StatementResult out =
      answer({"created_on", "name", "is_default", "is_current", "database_name", "owner", "comment", "options", "retention_time"},
             statement_type::kShow);
  // SHOW SCHEMAS IN x names a database, which the clause reads as a schema.
  const std::string database = clause.everywhere || clause.schema == session_.context.schema ? clause.database : clause.schema;
  for (const SchemaDefinition& schema : state_.catalog.schemas()) {
    if ((!database.empty() && schema.database != database) || !wanted(clause, schema.name)) continue;
    const bool current = schema.name == session_.context.schema && schema.database == session_.context.database;
    out.result.rows.push_back({timestamp_cell(schema.created_us), schema.name, "N", current ? "Y" : "N", schema.database,
                               session_.context.role, schema.comment, "", "1"});
  }
  return out;
}

StatementResult Executor::show_columns(const NamedClause& clause) {
  StatementResult out = answer({"table_name", "schema_name", "column_name", "data_type", "null?", "default", "kind", "expression",
                                "comment", "database_name", "autoincrement"},
                               statement_type::kShow);
  std::vector<TableDefinition> tables;
  if (clause.table) {
    tables.push_back(described(*clause.table));
  } else {
    tables = state_.catalog.tables(session_.id());
    for (const ViewDefinition& view : state_.catalog.views()) {
      if (sees(view)) tables.push_back(view.as_table());
    }
  }
  for (const TableDefinition& one : tables) {
    if (!clause.table && !inside(clause, one.name)) continue;
    for (const ColumnDefinition& column : one.columns) {
      if (!wanted(clause, column.name)) continue;
      const nlohmann::json type = {{"type", information_schema_type(column.type)}, {"nullable", column.nullable}};
      out.result.rows.push_back({one.name.name, one.name.schema, column.name, type.dump(), column.nullable ? "true" : "NOT_NULL",
                                 column.default_source, "COLUMN", "", column.comment, one.name.database, ""});
    }
  }
  return out;
}

StatementResult Executor::show_parameters(const NamedClause& clause) {
  StatementResult out = answer({"key", "value", "default", "level", "description", "type"}, statement_type::kShow);
  for (const auto& [name, value] : session_.context.parameters) {
    if (wanted(clause, name)) out.result.rows.push_back({name, value, "", "SESSION", "", "STRING"});
  }
  return out;
}

StatementResult Executor::describe(Translator& sql) {
  sql.next();
  if (sql.accept_word("STAGE")) {
    const ObjectName name = sql.object_name();
    sql.expect_end();
    return describe_stage(stage(name));
  }
  if (sql.accept_word("USER")) return describe_user(sql);
  if (sql.accept_words("FILE", "FORMAT")) return describe_file_format(sql);
  for (const char* word : {"RESULT", "DATABASE", "SCHEMA", "WAREHOUSE", "FUNCTION", "PROCEDURE"}) {
    if (sql.at_word(word)) throw unsupported(std::string("DESCRIBE ") + word);
  }
  if (!sql.accept_word("TABLE") && !sql.accept_word("VIEW")) sql.fail();
  const ObjectName name = sql.object_name();
  if (sql.accept_word("TYPE")) {
    sql.expect_symbol("=");
    sql.expect_word("COLUMNS");
  }
  sql.expect_end();
  return describe_table(described(name));
}

StatementResult Executor::describe_table(const TableDefinition& definition) const {
  StatementResult out = answer({"name", "type", "kind", "null?", "default", "primary key", "unique key", "check", "expression", "comment",
                                "policy name", "privacy domain"},
                               statement_type::kDescribe);
  for (const ColumnDefinition& column : definition.columns) {
    const Cell written_default = column.default_source.empty() ? Cell() : Cell(column.default_source);
    const Cell written_comment = column.comment.empty() ? Cell() : Cell(column.comment);
    out.result.rows.push_back({column.name, display_type(column.type), "COLUMN", column.nullable ? "Y" : "N", written_default,
                               column.primary_key ? "Y" : "N", "N", Cell(), Cell(), written_comment, Cell(), Cell()});
  }
  return out;
}

StatementResult Executor::describe_stage(const StageDefinition&) const {
  StatementResult out =
      answer({"parent_property", "property", "property_type", "property_value", "property_default"}, statement_type::kDescribe);
  out.result.rows = {{"STAGE_FILE_FORMAT", "TYPE", "String", "CSV", "CSV"},
                     {"STAGE_COPY_OPTIONS", "ON_ERROR", "String", "ABORT_STATEMENT", "ABORT_STATEMENT"},
                     {"STAGE_COPY_OPTIONS", "PURGE", "Boolean", "false", "false"},
                     {"STAGE_LOCATION", "URL", "String", "", ""},
                     {"DIRECTORY", "ENABLE", "Boolean", "false", "false"}};
  return out;
}

}  // namespace imednet::sandbox::snowflake
