// warehouse_shapes.cc: every statement the simulated warehouse knows. A new statement of the sink needs a line here and a meaning.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "simulation/warehouse.h"
#include "sinks/snowflake/statements.h"

namespace imednet::simulation {
namespace {

std::vector<std::string> column_names(std::string_view before) {
  std::vector<std::string> names;
  for (const auto& column : sinks::snowflake::records_shape().columns()) names.push_back(fmt::format("{}\"{}\"", before, column.name));
  return names;
}

std::string columns(std::string_view before = "") { return fmt::format("{}", fmt::join(column_names(before), ", ")); }

std::string assignments() {
  std::vector<std::string> all;
  for (const std::string& name : column_names("")) all.push_back(fmt::format("{} = s.{}", name, name));
  return fmt::format("{}", fmt::join(all, ", "));
}

constexpr const char* kFactsOf = " FROM {t} WHERE \"_DELETED_AT\" IS NULL AND \"_FILE\" IN ({*})";

// Of the columns that a file has: the last four are COPY's and the export's own.
std::string facts() {
  std::vector<std::string> names = column_names("");
  names.resize(names.size() - 4);
  const std::string digest = fmt::format("HASH({})", fmt::join(names, ", "));
  const std::string sums = fmt::format(
      "TO_VARCHAR(SUM({0})) AS \"SUM_A\", TO_VARCHAR(SUM(MOD({0}, 2147483647))) AS \"SUM_B\", TO_VARCHAR(SUM(MOD({0}, 2147483647) * "
      "\"RECORD_ID\")) AS \"SUM_C\"",
      digest);
  return "SELECT \"_FILE\", COUNT(*) AS \"ROW_COUNT\", {*}, " + sums + kFactsOf;
}

const std::string kNewest =
    " FROM {t} QUALIFY ROW_NUMBER() OVER (PARTITION BY \"STUDY_KEY\", \"RECORD_ID\" ORDER BY \"DATE_MODIFIED\" DESC NULLS LAST, {*}) = 1";
constexpr const char* kSame = "t.\"STUDY_KEY\" = s.\"STUDY_KEY\" AND t.\"RECORD_ID\" = s.\"RECORD_ID\"";
constexpr const char* kHistory = "FROM TABLE({q}.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE ";

}  // namespace

void Warehouse::add_shapes() {
  using W = Warehouse;
  const auto add = [this](std::string text, Handler handler) { shapes_.push_back({std::move(text), handler}); };
  add("ALTER SESSION SET {*}", &W::ok);
  add("SELECT CURRENT_ROLE() AS ROLE, {*}", &W::context);
  add("SHOW STAGES LIKE {s} IN SCHEMA {q}.{q}", &W::show_stages);
  add("SHOW TABLES LIKE {s} IN SCHEMA {q}.{q}", &W::show_tables);
  add("DESCRIBE TABLE {t}", &W::describe);
  add("CREATE TABLE IF NOT EXISTS {t} (\"STUDY_KEY\" VARCHAR NOT NULL COMMENT {*}", &W::create_target);
  add("CREATE TABLE IF NOT EXISTS {t} (\"TARGET_TABLE\" VARCHAR NOT NULL, {*}", &W::create_ledger);
  add("CREATE OR REPLACE TEMPORARY TABLE {t} LIKE {t}", &W::create_temporary);
  add("DROP TABLE IF EXISTS {t}", &W::drop);
  add("LIST @{q}.{q}.{q}/{*}", &W::list);
  add("PUT {s} {s} AUTO_COMPRESS = FALSE OVERWRITE = TRUE", &W::put);
  add("COPY INTO {t} ({*}) FROM (SELECT {*}, METADATA$FILENAME, {s}, METADATA$START_SCAN_TIME::TIMESTAMP_NTZ FROM @{q}.{q}.{q}/{*}) FILES "
      "= "
      "({*}) FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE USE_VECTORIZED_SCANNER = TRUE) ON_ERROR = "
      "ABORT_STATEMENT FORCE = {*}",
      &W::copy);
  add(facts() + " GROUP BY \"_FILE\"", &W::file_facts);
  add(facts() + " AND \"_RUN_ID\" = {s} GROUP BY \"_FILE\"", &W::file_facts);
  add(std::string("SELECT EXECUTION_STATUS ") + kHistory + "QUERY_TAG = {s} ORDER BY START_TIME DESC LIMIT 1", &W::query_status);
  add(std::string("SELECT QUERY_ID, EXECUTION_STATUS ") + kHistory +
          "CONTAINS(QUERY_TAG, {s}) AND EXECUTION_STATUS IN ('RUNNING', 'QUEUED', 'BLOCKED', 'RESUMING_WAREHOUSE')",
      &W::statements_at_work);
  add("SELECT SYSTEM$CANCEL_QUERY({s})", &W::cancel);
  add("SELECT FILE_NAME, ROW_COUNT FROM {q}.INFORMATION_SCHEMA.LOAD_HISTORY WHERE SCHEMA_NAME = {s} AND TABLE_NAME = {s} AND STATUS = "
      "'LOADED'",
      &W::load_history);
  add("SELECT COUNT(*) AS \"ROW_COUNT\", COUNT(CASE WHEN \"_DELETED_AT\" IS NULL THEN 1 END) AS \"LIVE_ROWS\", COUNT(DISTINCT CASE WHEN "
      "\"_DELETED_AT\" IS NULL THEN \"RECORD_ID\" END) AS \"LIVE_IDS\", COUNT(CASE WHEN \"_RUN_ID\" = {s} THEN 1 END) AS \"RUN_ROWS\" FROM "
      "{t} WHERE \"STUDY_KEY\" = {s}",
      &W::study_state);
  add("SELECT COALESCE(\"FORM_KEY\", '') AS \"FORM_KEY\", COUNT(*) AS \"ROW_COUNT\" FROM {t} WHERE \"STUDY_KEY\" = {s} AND \"_DELETED_AT\" "
      "IS "
      "NULL GROUP BY 1",
      &W::form_rows);
  add("SELECT \"_FILE\", COUNT(*) AS \"ROW_COUNT\" FROM {t} WHERE \"STUDY_KEY\" = {s} AND \"_RUN_ID\" = {s} GROUP BY \"_FILE\"",
      &W::run_rows);
  add("SELECT \"RECORD_ID\" FROM {t} WHERE \"STUDY_KEY\" = {s} AND \"_RUN_ID\" = {s} ORDER BY \"RECORD_ID\"", &W::run_records);
  add("SELECT COUNT(*) AS \"ROW_COUNT\", (SELECT COUNT(*) FROM (SELECT DISTINCT \"STUDY_KEY\", \"RECORD_ID\" FROM {t})) AS \"KEY_COUNT\" "
      "FROM "
      "{t}",
      &W::key_counts);
  add(fmt::format("SELECT COUNT(*) AS \"ROW_COUNT\" FROM {{t}} t JOIN {{t}} s ON {} AND t.\"_ROW_HASH\" = s.\"_ROW_HASH\" WHERE "
                  "t.\"_DELETED_AT\" IS NULL",
                  kSame),
      &W::equal_rows);
  add("SELECT t.\"RECORD_ID\" FROM {t} t WHERE t.\"STUDY_KEY\" = {s} AND t.\"_DELETED_AT\" IS NULL{*} ORDER BY t.\"RECORD_ID\"",
      &W::missing_records);
  add("UPDATE {t} SET \"_DELETED_AT\" = SYSDATE() WHERE \"STUDY_KEY\" = {s} AND \"_DELETED_AT\" IS NULL AND \"RECORD_ID\" IN ({*})",
      &W::mark_deleted);
  add("DELETE FROM {t} WHERE \"STUDY_KEY\" = {s}", &W::delete_study);
  add("INSERT INTO {t} (" + columns() + ") SELECT " + columns() + " FROM {t}", &W::insert_all);
  add("INSERT INTO {t} (" + columns() + ") SELECT " + columns() + kNewest, &W::insert_newest);
  add("MERGE INTO {t} t USING (SELECT " + columns() + kNewest + ") s ON " + kSame +
          " WHEN MATCHED AND (t.\"_ROW_HASH\" <> s.\"_ROW_HASH\" OR t.\"_ROW_HASH\" IS NULL OR t.\"_DELETED_AT\" IS NOT NULL) THEN UPDATE "
          "SET " +
          assignments() + " WHEN NOT MATCHED THEN INSERT (" + columns() + ") VALUES (" + columns("s.") + ")",
      &W::merge);
}

void Warehouse::add_lease_shapes() {
  using W = Warehouse;
  const auto add = [this](std::string text, Handler handler) { shapes_.push_back({std::move(text), handler}); };
  add("BEGIN TRANSACTION NAME {*}", &W::begin);
  add("SHOW TRANSACTIONS", &W::show_transactions);
  add("SELECT SYSTEM$ABORT_TRANSACTION({i})", &W::abort_transaction);
  add("SELECT SYSTEM$ABORT_SESSION({i})", &W::abort_session);
  add("COMMIT", &W::commit);
  add("ROLLBACK", &W::rollback);
  const std::string row = "\"STUDY_KEY\" = {s} AND \"TARGET_TABLE\" = {s}";
  add("SELECT \"BATCH_ID\", \"HASH\", \"FILE_PATH\", \"SHA256\", \"ROW_COUNT\", COALESCE(\"FIRST_RECORD_ID\", 0) AS "
      "\"FIRST_RECORD_ID\", COALESCE(\"LAST_RECORD_ID\", 0) AS \"LAST_RECORD_ID\" FROM {t} WHERE \"TARGET_TABLE\" = {s} AND "
      "\"TARGET_CREATED\" = "
      "{s} AND \"STUDY_KEY\" = {s} AND \"SUPERSEDED_BY\" IS NULL",
      &W::ledger_entries);
  add("SELECT \"TARGET_TABLE\", MIN(\"BATCH_ID\") AS \"BATCH_ID\" FROM {t} WHERE \"STUDY_KEY\" = {s} AND \"LAYOUT\" = {s} AND "
      "\"SUPERSEDED_BY\" IS NULL GROUP BY 1 ORDER BY 1",
      &W::ledger_tables);
  add("INSERT INTO {t} (\"TARGET_TABLE\", \"TARGET_CREATED\", \"STUDY_KEY\", \"LAYOUT\", \"BATCH_ID\", \"HASH\", \"FILE_PATH\", "
      "\"SHA256\", "
      "\"ROW_COUNT\", \"FIRST_RECORD_ID\", \"LAST_RECORD_ID\", \"RUN_ID\", \"STATEMENT_TAG\", \"LOADED_AT\") VALUES {*}",
      &W::insert_ledger);
  const std::string supersede =
      "UPDATE {t} SET \"SUPERSEDED_BY\" = {s} WHERE \"TARGET_TABLE\" = {s} AND \"STUDY_KEY\" = {s} AND \"SUPERSEDED_BY\" IS NULL";
  add(supersede, &W::supersede_ledger);
  add(supersede + " AND \"FILE_PATH\" IN ({*})", &W::supersede_files);
  add("CREATE TABLE {t} (\"STUDY_KEY\" VARCHAR, \"TARGET_TABLE\" VARCHAR, \"TOKEN\" NUMBER(38,0), {*}", &W::create_leases);
  add("COMMENT ON TABLE {t} IS {s}", &W::comment_on_table);
  add("CREATE TABLE IF NOT EXISTS {t} (\"QUIET_RUNS\" VARCHAR)", &W::create_cursor);
  add("COMMENT ON COLUMN {t}.\"QUIET_RUNS\" IS {s}", &W::comment_on_quiet_runs);
  add("UPDATE {t} SET \"TOKEN\" = \"TOKEN\" + 1 WHERE \"STUDY_KEY\" = '*' AND \"TARGET_TABLE\" = '*'", &W::lock_leases);
  add("INSERT INTO {t} (\"STUDY_KEY\", \"TARGET_TABLE\", \"TOKEN\", \"RELEASED_AT\") VALUES ({s}, {s}, 0, SYSDATE())", &W::insert_lease);
  add("SELECT \"TOKEN\", \"HOLDER\", DATEDIFF(millisecond, \"HEARTBEAT_AT\", SYSDATE()) AS \"AGE_MS\", \"RELEASED_AT\" FROM {t} WHERE " +
          row,
      &W::read_lease);
  const std::string take =
      "UPDATE {t} SET \"TOKEN\" = {i}, \"HOLDER\" = {s}, \"HEARTBEAT_AT\" = SYSDATE(), \"TAKEN_AT\" = SYSDATE(), \"RELEASED_AT\" = NULL "
      "WHERE " +
      row + " AND \"TOKEN\" = {i}";
  add(take, &W::take_lease);
  add(take + " AND (\"RELEASED_AT\" IS NOT NULL OR \"HEARTBEAT_AT\" IS NULL OR \"HEARTBEAT_AT\" < DATEADD(second, -60, SYSDATE()))",
      &W::take_free_lease);
  const std::string own = row + " AND \"TOKEN\" = {i} AND \"RELEASED_AT\" IS NULL";
  add("UPDATE {t} SET \"HEARTBEAT_AT\" = SYSDATE() WHERE " + own, &W::beat_lease);
  add("UPDATE {t} SET \"RELEASED_AT\" = SYSDATE() WHERE " + own, &W::release_lease);
}

}  // namespace imednet::simulation
