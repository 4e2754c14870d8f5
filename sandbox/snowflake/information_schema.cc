// INFORMATION_SCHEMA and the table functions: each becomes a list of rows or a query of the load history.
#include "executor.h"
#include "load_history.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

struct Column {
  const char* name;
  const char* type;
};

// Engine SQL of a table with these rows; cells are engine expressions.
std::string rows_sql(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::string casts;
  std::string names;
  std::string empty;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string slot = "c" + std::to_string(i);
    casts += (i ? ", " : "") + ("CAST(" + slot + " AS " + columns[i].type + ") AS ") + engine_identifier(columns[i].name);
    names += (i ? ", " : "") + slot;
    empty += i ? ", NULL" : "NULL";
  }
  std::string values;
  for (const auto& row : rows) {
    std::string cells;
    for (const std::string& cell : row) cells += (cells.empty() ? "" : ", ") + cell;
    values += (values.empty() ? "(" : ", (") + cells + ")";
  }
  const bool none = rows.empty();
  return "(SELECT " + casts + " FROM (VALUES " + (none ? "(" + empty + ")" : values) + ") AS listed(" + names + ")" +
         (none ? " WHERE FALSE" : "") + ")";
}

std::string text(const std::string& value) { return quote_text(value); }
std::string text_or_null(const std::string& value) { return value.empty() ? "NULL" : quote_text(value); }

// One CASE that turns a table's id into something about it.
std::string by_table(const std::vector<TableDefinition>& tables, std::string (*value)(const TableDefinition&)) {
  std::string sql = "CASE table_id";
  for (const TableDefinition& table : tables) sql += " WHEN " + std::to_string(table.id) + " THEN " + quote_text(value(table));
  return tables.empty() ? "NULL" : sql + " END";
}

std::string ids(const std::vector<TableDefinition>& tables) {
  std::string list = "-1";
  for (const TableDefinition& table : tables) list += ", " + std::to_string(table.id);
  return list;
}

long long number_argument(const std::map<std::string, std::string>& arguments, const std::string& name, long long otherwise,
                          long long most) {
  const auto found = arguments.find(name);
  if (found == arguments.end()) return otherwise;
  const bool digits =
      !found->second.empty() && found->second.size() < 12 && found->second.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoll(found->second) > most) throw invalid_value("invalid argument " + name);
  return std::stoll(found->second);
}

}  // namespace

std::string Executor::information_schema(const ObjectName& wanted) {
  reads_views_ = true;
  const ObjectName name = resolve(wanted);
  if (!state_.catalog.has_database(name.database)) throw missing_object("Database", display_identifier(name.database));
  std::vector<TableDefinition> tables;
  for (const TableDefinition& table : state_.catalog.tables(session_.id())) {
    if (table.name.database == name.database) tables.push_back(table);
  }
  std::vector<ViewDefinition> views;
  for (const ViewDefinition& view : state_.catalog.views()) {
    if (view.name.database == name.database && sees(view)) views.push_back(view);
  }
  if (name.name == "TABLES") return tables_view(tables, views);
  if (name.name == "COLUMNS") {
    for (const ViewDefinition& view : views) tables.push_back(view.as_table());
    return columns_view(tables);
  }
  if (name.name == "LOAD_HISTORY") {
    return "(SELECT " + by_table(tables, [](const TableDefinition& t) { return t.name.schema; }) + " AS SCHEMA_NAME, path AS FILE_NAME, " +
           by_table(tables, [](const TableDefinition& t) { return t.name.name; }) +
           " AS TABLE_NAME, loaded_at AS LAST_LOAD_TIME, replace(status, '_', ' ') AS STATUS, row_count AS ROW_COUNT, "
           "coalesce(rows_parsed, row_count) AS ROW_PARSED, first_error AS FIRST_ERROR_MESSAGE, first_error_line AS "
           "FIRST_ERROR_LINE_NUMBER, CAST(NULL AS BIGINT) AS FIRST_ERROR_CHARACTER_POSITION, first_error_column AS FIRST_ERROR_COL_NAME, "
           "errors AS ERROR_COUNT, error_limit AS ERROR_LIMIT FROM " +
           load_history_view("table_id IN (" + ids(tables) + ") AND loaded_us > " + std::to_string(now_us_ - kHistoryViewUs)) +
           " AS loads)";
  }
  std::vector<std::vector<std::string>> rows;
  if (name.name == "VIEWS") {
    for (const ViewDefinition& view : views) {
      rows.push_back({text(view.name.database), text(view.name.schema), text(view.name.name), text(view.owner), text(view.query),
                      timestamp_literal(view.created_us), text_or_null(view.comment)});
    }
    return rows_sql({{"TABLE_CATALOG", "VARCHAR"},
                     {"TABLE_SCHEMA", "VARCHAR"},
                     {"TABLE_NAME", "VARCHAR"},
                     {"TABLE_OWNER", "VARCHAR"},
                     {"VIEW_DEFINITION", "VARCHAR"},
                     {"CREATED", "TIMESTAMPTZ"},
                     {"COMMENT", "VARCHAR"}},
                    rows);
  }
  if (name.name == "STAGES") {
    for (const StageDefinition& stage : state_.catalog.stages(session_.id())) {
      if (stage.name.database != name.database) continue;
      rows.push_back({text(stage.name.database), text(stage.name.schema), text(stage.name.name), "NULL", "'Internal Named'",
                      text_or_null(stage.comment), timestamp_literal(stage.created_us)});
    }
    return rows_sql({{"STAGE_CATALOG", "VARCHAR"},
                     {"STAGE_SCHEMA", "VARCHAR"},
                     {"STAGE_NAME", "VARCHAR"},
                     {"STAGE_URL", "VARCHAR"},
                     {"STAGE_TYPE", "VARCHAR"},
                     {"COMMENT", "VARCHAR"},
                     {"CREATED", "TIMESTAMPTZ"}},
                    rows);
  }
  if (name.name == "SCHEMATA") {
    for (const SchemaDefinition& schema : state_.catalog.schemas()) {
      if (schema.database == name.database)
        rows.push_back({text(schema.database), text(schema.name), text_or_null(schema.comment), timestamp_literal(schema.created_us)});
    }
    return rows_sql({{"CATALOG_NAME", "VARCHAR"}, {"SCHEMA_NAME", "VARCHAR"}, {"COMMENT", "VARCHAR"}, {"CREATED", "TIMESTAMPTZ"}}, rows);
  }
  if (name.name == "DATABASES") {
    for (const DatabaseDefinition& database : state_.catalog.databases())
      rows.push_back({text(database.name), text_or_null(database.comment), timestamp_literal(database.created_us)});
    return rows_sql({{"DATABASE_NAME", "VARCHAR"}, {"COMMENT", "VARCHAR"}, {"CREATED", "TIMESTAMPTZ"}}, rows);
  }
  throw missing_object("Object", name.display());
}

std::string Executor::tables_view(const std::vector<TableDefinition>& tables, const std::vector<ViewDefinition>& views) const {
  std::vector<std::vector<std::string>> rows;
  for (const TableDefinition& table : tables) {
    const bool temporary = table.kind == TableKind::temporary;
    rows.push_back({text(table.name.database), text(table.name.schema), text(table.name.name),
                    temporary ? "'LOCAL TEMPORARY'" : "'BASE TABLE'", table.kind == TableKind::transient ? "'YES'" : "'NO'",
                    "(SELECT count(*) FROM " + table.relation() + ")", timestamp_literal(table.created_us), text_or_null(table.comment),
                    temporary ? "'YES'" : "'NO'"});
  }
  for (const ViewDefinition& view : views) {
    rows.push_back({text(view.name.database), text(view.name.schema), text(view.name.name), "'VIEW'", "NULL", "NULL",
                    timestamp_literal(view.created_us), text_or_null(view.comment), "'NO'"});
  }
  return rows_sql({{"TABLE_CATALOG", "VARCHAR"},
                   {"TABLE_SCHEMA", "VARCHAR"},
                   {"TABLE_NAME", "VARCHAR"},
                   {"TABLE_TYPE", "VARCHAR"},
                   {"IS_TRANSIENT", "VARCHAR"},
                   {"ROW_COUNT", "BIGINT"},
                   {"CREATED", "TIMESTAMPTZ"},
                   {"COMMENT", "VARCHAR"},
                   {"IS_TEMPORARY", "VARCHAR"}},
                  rows);
}

std::string Executor::columns_view(const std::vector<TableDefinition>& tables) const {
  std::vector<std::vector<std::string>> rows;
  for (const TableDefinition& table : tables) {
    int position = 0;
    for (const ColumnDefinition& column : table.columns) {
      const bool number = column.type.kind == TypeKind::fixed;
      const bool stamp = column.type.kind == TypeKind::timestamp_ntz || column.type.kind == TypeKind::timestamp_ltz ||
                         column.type.kind == TypeKind::timestamp_tz;
      rows.push_back({text(table.name.database), text(table.name.schema), text(table.name.name), text(column.name),
                      std::to_string(++position), text_or_null(column.default_source), column.nullable ? "'YES'" : "'NO'",
                      text(information_schema_type(column.type)), column.type.length > 0 ? std::to_string(column.type.length) : "NULL",
                      number ? std::to_string(column.type.precision) : "NULL", number ? std::to_string(column.type.scale) : "NULL",
                      stamp ? std::to_string(column.type.scale) : "NULL", text_or_null(column.comment)});
    }
  }
  return rows_sql({{"TABLE_CATALOG", "VARCHAR"},
                   {"TABLE_SCHEMA", "VARCHAR"},
                   {"TABLE_NAME", "VARCHAR"},
                   {"COLUMN_NAME", "VARCHAR"},
                   {"ORDINAL_POSITION", "BIGINT"},
                   {"COLUMN_DEFAULT", "VARCHAR"},
                   {"IS_NULLABLE", "VARCHAR"},
                   {"DATA_TYPE", "VARCHAR"},
                   {"CHARACTER_MAXIMUM_LENGTH", "BIGINT"},
                   {"NUMERIC_PRECISION", "BIGINT"},
                   {"NUMERIC_SCALE", "BIGINT"},
                   {"DATETIME_PRECISION", "BIGINT"},
                   {"COMMENT", "VARCHAR"}},
                  rows);
}

std::string Executor::table_function(const ObjectName& name, const std::map<std::string, std::string>& arguments) {
  reads_views_ = true;
  if (name.schema.empty() && name.name == "GENERATOR") return generator(arguments);
  if (name.schema.empty() && name.name == "RESULT_SCAN") return result_scan(arguments);
  if (name.name == "INFER_SCHEMA") return infer_schema(arguments);
  const bool ours = name.schema == "INFORMATION_SCHEMA" || (name.schema.empty() && session_.context.schema == "INFORMATION_SCHEMA");
  if (ours && name.name == "COPY_HISTORY") return copy_history(arguments);
  if (ours && name.name == "QUERY_HISTORY") return query_history(arguments, false);
  if (ours && name.name == "QUERY_HISTORY_BY_SESSION") return query_history(arguments, true);
  throw SqlError("002141", "42601", "SQL compilation error:\nUnknown table function " + name.display());
}

std::string Executor::generator(const std::map<std::string, std::string>& arguments) {
  return "(SELECT range AS sf_sequence FROM range(" + std::to_string(number_argument(arguments, "ROWCOUNT", 0, 100000000)) + "))";
}

std::string Executor::query_history(const std::map<std::string, std::string>& arguments, bool of_session) {
  const auto limit = static_cast<size_t>(number_argument(arguments, "RESULT_LIMIT", 100, 10000));
  std::vector<std::vector<std::string>> rows;
  for (const auto& record : state_.queries.recent(limit, of_session ? session_.id() : "")) {
    const std::lock_guard lock(record->mutex);
    const bool failed = !record->error_code.empty();
    const char* running = !record->running ? "'QUEUED'" : state_.locks.waits(record->session_id) ? "'BLOCKED'" : "'RUNNING'";
    rows.push_back({text(record->id), text(record->text), text_or_null(record->database), text_or_null(record->schema),
                    text(record->session_id), text(to_upper(record->user)), text_or_null(record->warehouse), text(record->tag),
                    record->done ? failed ? "'FAILED_WITH_ERROR'" : "'SUCCESS'" : running, text_or_null(record->error_code),
                    text_or_null(record->error_message), timestamp_literal(record->started_us),
                    record->done ? timestamp_literal(record->ended_us) : "NULL", std::to_string(record->rows)});
  }
  return rows_sql({{"QUERY_ID", "VARCHAR"},
                   {"QUERY_TEXT", "VARCHAR"},
                   {"DATABASE_NAME", "VARCHAR"},
                   {"SCHEMA_NAME", "VARCHAR"},
                   {"SESSION_ID", "BIGINT"},
                   {"USER_NAME", "VARCHAR"},
                   {"WAREHOUSE_NAME", "VARCHAR"},
                   {"QUERY_TAG", "VARCHAR"},
                   {"EXECUTION_STATUS", "VARCHAR"},
                   {"ERROR_CODE", "VARCHAR"},
                   {"ERROR_MESSAGE", "VARCHAR"},
                   {"START_TIME", "TIMESTAMPTZ"},
                   {"END_TIME", "TIMESTAMPTZ"},
                   {"ROWS_PRODUCED", "BIGINT"}},
                  rows);
}

std::string Executor::copy_history(const std::map<std::string, std::string>& arguments) {
  const auto named = arguments.find("TABLE_NAME");
  if (named == arguments.end() || named->second.size() < 3 || named->second.front() != '\'')
    throw invalid_value("COPY_HISTORY needs TABLE_NAME => '...'");
  const auto start = arguments.find("START_TIME");
  if (start == arguments.end()) throw invalid_value("COPY_HISTORY needs START_TIME => ...");
  const std::string written = named->second.substr(1, named->second.size() - 2);
  Translator inner(tokenize(written), written, *this);
  const TableDefinition definition = table(inner.object_name());
  inner.expect_end();
  const auto end = arguments.find("END_TIME");
  const std::string until = end == arguments.end() ? "" : " AND loaded_at <= " + end->second;
  return "(SELECT path AS FILE_NAME, stage_location AS STAGE_LOCATION, loaded_at AS LAST_LOAD_TIME, row_count AS ROW_COUNT, "
         "coalesce(rows_parsed, row_count) AS ROW_PARSED, size AS FILE_SIZE, first_error AS FIRST_ERROR_MESSAGE, first_error_line AS "
         "FIRST_ERROR_LINE_NUMBER, CAST(NULL AS BIGINT) AS FIRST_ERROR_CHARACTER_POS, first_error_column AS FIRST_ERROR_COLUMN_NAME, "
         "errors "
         "AS ERROR_COUNT, error_limit AS ERROR_LIMIT, CASE status WHEN 'LOADED' THEN 'Loaded' WHEN 'LOAD_FAILED' THEN 'Load failed' ELSE "
         "'Partially loaded' END AS STATUS, " +
         quote_text(definition.name.database) + " AS TABLE_CATALOG_NAME, " + quote_text(definition.name.schema) +
         " AS TABLE_SCHEMA_NAME, " + quote_text(definition.name.name) + " AS TABLE_NAME FROM " +
         load_history_view("table_id = " + std::to_string(definition.id) + " AND loaded_us > " + std::to_string(now_us_ - kHistoryViewUs)) +
         " AS loads WHERE loaded_at >= " + start->second + until + ")";
}

}  // namespace imednet::sandbox::snowflake
