#include "sinks/snowflake/statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sinks/snowflake/sql_maker_internal.h"
#include "sinks/snowflake/verify_statements.h"

namespace imednet::sinks::snowflake {

namespace {

using table::ColumnKind;

// How COPY's select reads one column of the file.
std::string select_item(const table::Column& column) {
  switch (column.kind) {
    case ColumnKind::json:
      return fmt::format("PARSE_JSON($1:{}::VARCHAR)", column.name);
    case ColumnKind::timestamp:
    case ColumnKind::moment:
      return fmt::format("$1:{}::TIMESTAMP_NTZ", column.name);
    case ColumnKind::date:
      return fmt::format("$1:{}::DATE", column.name);
    case ColumnKind::real:
      return fmt::format("$1:{}::FLOAT", column.name);
    case ColumnKind::integer:
      return fmt::format("$1:{}::NUMBER(38,0)", column.name);
    case ColumnKind::boolean:
      return fmt::format("$1:{}::BOOLEAN", column.name);
    default:
      return fmt::format("$1:{}::VARCHAR", column.name);
  }
}

// LIKE's wild cards in a name; the answer is compared exactly as well.
std::string like_literal(const std::string& name) { return literal(name); }

std::string literals(std::span<const std::string> texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) quoted.push_back(literal(text));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string column_definition(const TargetColumn& column) {
  return fmt::format("{} {}{} COMMENT {}", Identifier::own(column.name).sql(), column.type, column.nullable ? "" : " NOT NULL",
                     literal(column.comment));
}

}  // namespace

SqlText alter_session(std::int64_t statement_timeout, std::int64_t queue_timeout) {
  std::string limits;
  if (statement_timeout > 0) limits += fmt::format(" STATEMENT_TIMEOUT_IN_SECONDS = {}", statement_timeout);
  if (queue_timeout > 0) limits += fmt::format(" STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = {}", queue_timeout);
  return SqlMaker::make(
      "ALTER SESSION SET TIMEZONE = 'UTC' QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ' "
      "ABORT_DETACHED_QUERY = TRUE{}",
      limits);
}
SqlText current_context() {
  return SqlMaker::make(
      "SELECT CURRENT_ROLE() AS ROLE, CURRENT_WAREHOUSE() AS WAREHOUSE, CURRENT_DATABASE() AS DATABASE, CURRENT_SCHEMA() AS SCHEMA, "
      "CURRENT_VERSION() AS VERSION");
}
SqlText show_stages(const ObjectName& stage) {
  return SqlMaker::make("SHOW STAGES LIKE {} IN SCHEMA {}.{}", like_literal(stage.object().name()), stage.database().sql(),
                        stage.schema().sql());
}
SqlText show_tables(const ObjectName& table) {
  return SqlMaker::make("SHOW TABLES LIKE {} IN SCHEMA {}.{}", like_literal(table.object().name()), table.database().sql(),
                        table.schema().sql());
}
SqlText describe_table(const ObjectName& table) { return SqlMaker::make("DESCRIBE TABLE {}", table.sql()); }

SqlText create_target(const ObjectName& table, const TableShape& shape, TableKind kind) {
  const std::string_view word = kind == TableKind::transient ? "TRANSIENT " : kind == TableKind::temporary ? "TEMPORARY " : "";
  std::vector<std::string> definitions;
  for (const TargetColumn& column : shape.columns()) definitions.push_back(column_definition(column));
  return SqlMaker::make("CREATE {}TABLE IF NOT EXISTS {} ({}) COMMENT = {}", word, table.sql(), fmt::join(definitions, ", "),
                        literal(shape.comment()));
}
SqlText create_temporary_like(const ObjectName& temporary, const ObjectName& target) {
  return SqlMaker::make("CREATE OR REPLACE TEMPORARY TABLE {} LIKE {}", temporary.sql(), target.sql());
}
SqlText drop_table(const ObjectName& table) { return SqlMaker::make("DROP TABLE IF EXISTS {}", table.sql()); }

SqlText add_columns(const ObjectName& table, std::span<const TargetColumn> columns) {
  std::vector<std::string> definitions;
  for (const TargetColumn& column : columns) definitions.push_back(column_definition(column));
  return SqlMaker::make("ALTER TABLE {} ADD COLUMN {}", table.sql(), fmt::join(definitions, ", "));
}
SqlText alter_session_tag(std::string_view tag) { return SqlMaker::make("ALTER SESSION SET QUERY_TAG = {}", literal(tag)); }

SqlText list_stage(const StageDirectory& directory) { return SqlMaker::make("LIST {}", directory.sql()); }

SqlText put_file(const std::filesystem::path& local_file, const StageDirectory& directory, std::string_view below) {
  return SqlMaker::make("PUT {} {} AUTO_COMPRESS = FALSE OVERWRITE = TRUE", literal("file://" + local_file.string()),
                        literal(directory.sql(below)));
}
SqlText get_file(const StageDirectory& directory, std::string_view relative, const std::filesystem::path& folder) {
  return SqlMaker::make("GET {} {}", literal(directory.sql(relative)), literal(fmt::format("file://{}/", folder.string())));
}
SqlText remove_file(const StageDirectory& directory, std::string_view relative) {
  return SqlMaker::make("REMOVE {}", directory.sql(relative));
}

SqlText copy_into(const ObjectName& target, const TableShape& shape, const StageDirectory& directory, std::span<const std::string> files,
                  std::string_view run_id, bool force) {
  std::vector<std::string> names;
  std::vector<std::string> items;
  for (std::size_t i = 0; i < shape.layout().columns.size(); ++i) {
    names.push_back(Identifier::own(shape.columns()[i].name).sql());
    items.push_back(select_item(shape.layout().columns[i]));
  }
  return SqlMaker::make(
      "COPY INTO {} ({}, \"_FILE\", \"_RUN_ID\", \"_LOADED_AT\") FROM (SELECT {}, METADATA$FILENAME, {}, "
      "METADATA$START_SCAN_TIME::TIMESTAMP_NTZ FROM {}) FILES = ({}) FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE "
      "BINARY_AS_TEXT = FALSE USE_VECTORIZED_SCANNER = TRUE) ON_ERROR = ABORT_STATEMENT FORCE = {}",
      target.sql(), fmt::join(names, ", "), fmt::join(items, ", "), literal(run_id), directory.sql(), literals(files),
      force ? "TRUE" : "FALSE");
}

SqlText file_facts(const ObjectName& target, const TableShape& shape, std::span<const std::string> paths, std::string_view run_id) {
  std::vector<std::string> counts;
  for (const TargetColumn& column : shape.columns()) {
    if (column.in_file) counts.push_back(fmt::format("COUNT({}) AS \"N_{}\"", Identifier::own(column.name).sql(), counts.size()));
  }
  const std::string of_run = run_id.empty() ? "" : fmt::format(" AND \"_RUN_ID\" = {}", literal(run_id));
  return SqlMaker::make(
      "SELECT \"_FILE\", COUNT(*) AS \"ROW_COUNT\", {}, {} FROM {} WHERE \"_DELETED_AT\" IS NULL AND \"_FILE\" IN "
      "({}){} GROUP BY \"_FILE\"",
      fmt::join(counts, ", "), checksum_of(shape, row_digest(shape)), target.sql(), literals(paths), of_run);
}
SqlText query_status(const Identifier& database, std::string_view tag) {
  return SqlMaker::make(
      "SELECT EXECUTION_STATUS FROM TABLE({}.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_TAG = {} "
      "ORDER BY START_TIME DESC LIMIT 1",
      database.sql(), literal(tag));
}
SqlText load_history(const ObjectName& target) {
  return SqlMaker::make(
      "SELECT FILE_NAME, ROW_COUNT FROM {}.INFORMATION_SCHEMA.LOAD_HISTORY WHERE SCHEMA_NAME = {} AND TABLE_NAME = {} AND STATUS = "
      "'LOADED'",
      target.database().sql(), literal(target.schema().name()), literal(target.object().name()));
}
SqlText commit_transaction() { return SqlMaker::make("COMMIT"); }
SqlText rollback_transaction() { return SqlMaker::make("ROLLBACK"); }
SqlText delete_study(const ObjectName& target, std::string_view study) {
  return SqlMaker::make("DELETE FROM {} WHERE \"STUDY_KEY\" = {}", target.sql(), literal(study));
}
SqlText insert_all_from(const ObjectName& target, const ObjectName& source, const TableShape& shape) {
  std::vector<std::string> names;
  for (const TargetColumn& column : shape.columns()) names.push_back(Identifier::own(column.name).sql());
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  return SqlMaker::make("INSERT INTO {} ({}) SELECT {} FROM {}", target.sql(), list, list, source.sql());
}

SqlText create_ledger(const ObjectName& ledger) {
  return SqlMaker::make(
      "CREATE TABLE IF NOT EXISTS {} (\"TARGET_TABLE\" VARCHAR NOT NULL, \"TARGET_CREATED\" VARCHAR NOT NULL, \"STUDY_KEY\" VARCHAR NOT "
      "NULL, "
      "\"LAYOUT\" VARCHAR NOT NULL, \"BATCH_ID\" VARCHAR NOT NULL, \"HASH\" VARCHAR NOT NULL, \"FILE_PATH\" VARCHAR NOT NULL, \"SHA256\" "
      "VARCHAR, "
      "\"ROW_COUNT\" NUMBER(38,0) NOT NULL, \"FIRST_RECORD_ID\" NUMBER(38,0), \"LAST_RECORD_ID\" NUMBER(38,0), \"RUN_ID\" VARCHAR NOT "
      "NULL, "
      "\"STATEMENT_TAG\" VARCHAR, \"LOADED_AT\" TIMESTAMP_NTZ(9) NOT NULL, \"SUPERSEDED_BY\" VARCHAR) "
      "COMMENT = 'which staged file is in which table; never delete rows of a table that is still loaded'",
      ledger.sql());
}
SqlText ledger_entries(const ObjectName& ledger, std::string_view target, std::string_view target_created, std::string_view study) {
  return SqlMaker::make(
      "SELECT \"BATCH_ID\", \"HASH\", \"FILE_PATH\", \"SHA256\", \"ROW_COUNT\", COALESCE(\"FIRST_RECORD_ID\", 0) AS \"FIRST_RECORD_ID\", "
      "COALESCE(\"LAST_RECORD_ID\", 0) AS \"LAST_RECORD_ID\" FROM {} WHERE \"TARGET_TABLE\" = {} AND \"TARGET_CREATED\" "
      "= {} AND \"STUDY_KEY\" = {} "
      "AND \"SUPERSEDED_BY\" IS NULL",
      ledger.sql(), literal(target), literal(target_created), literal(study));
}
SqlText ledger_tables(const ObjectName& ledger, std::string_view study, std::string_view layout) {
  return SqlMaker::make(
      "SELECT \"TARGET_TABLE\", MIN(\"BATCH_ID\") AS \"BATCH_ID\" FROM {} WHERE \"STUDY_KEY\" = {} AND \"LAYOUT\" = {} AND "
      "\"SUPERSEDED_BY\" IS NULL GROUP BY 1 ORDER BY 1",
      ledger.sql(), literal(study), literal(layout));
}
SqlText insert_ledger(const ObjectName& ledger, std::span<const LedgerEntry> entries) {
  std::vector<std::string> rows;
  for (const LedgerEntry& e : entries) {
    rows.push_back(fmt::format("({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, SYSDATE())", literal(e.target),
                               literal(e.target_created), literal(e.study), literal(e.layout), literal(e.batch_id), literal(e.hash),
                               literal(e.file_path), literal(e.sha256), e.rows, e.first_record_id, e.last_record_id, literal(e.run_id),
                               literal(e.statement_tag)));
  }
  return SqlMaker::make(
      "INSERT INTO {} (\"TARGET_TABLE\", \"TARGET_CREATED\", \"STUDY_KEY\", \"LAYOUT\", \"BATCH_ID\", \"HASH\", \"FILE_PATH\", \"SHA256\", "
      "\"ROW_COUNT\", "
      "\"FIRST_RECORD_ID\", \"LAST_RECORD_ID\", \"RUN_ID\", \"STATEMENT_TAG\", \"LOADED_AT\") VALUES {}",
      ledger.sql(), fmt::join(rows, ", "));
}
SqlText supersede_ledger(const ObjectName& ledger, std::string_view target, std::string_view study, std::string_view run_id) {
  return SqlMaker::make(
      "UPDATE {} SET \"SUPERSEDED_BY\" = {} WHERE \"TARGET_TABLE\" = {} AND \"STUDY_KEY\" = {} AND \"SUPERSEDED_BY\" IS NULL", ledger.sql(),
      literal(run_id), literal(target), literal(study));
}

}  // namespace imednet::sinks::snowflake
