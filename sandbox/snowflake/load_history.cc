#include "load_history.h"

namespace imednet::sandbox::snowflake {

namespace {

std::string number(long long value) { return std::to_string(value); }
std::string text_or_null(const std::string& text) { return text.empty() ? "NULL" : quote_text(text); }

}  // namespace

// The later columns came with a later release: an older data directory gets them here.
std::vector<std::string> create_load_history_sql() {
  std::vector<std::string> statements = {
      "CREATE TABLE IF NOT EXISTS main.sandbox_load_history (table_id BIGINT, stage_id BIGINT, stage_location VARCHAR, path VARCHAR, "
      "digest VARCHAR, size BIGINT, loaded_us BIGINT, row_count BIGINT)"};
  for (const char* column : {"status VARCHAR DEFAULT 'LOADED'", "rows_parsed BIGINT", "error_limit BIGINT DEFAULT 1",
                             "errors BIGINT DEFAULT 0", "first_error VARCHAR", "first_error_line BIGINT", "first_error_column VARCHAR"})
    statements.push_back(std::string("ALTER TABLE main.sandbox_load_history ADD COLUMN IF NOT EXISTS ") + column);
  return statements;
}

LoadedFiles loaded_files(Session& session, int64_t table_id, int64_t now_us) {
  LoadedFiles out;
  const ResultSet known = session.query(
      "SELECT CAST(stage_id AS VARCHAR) || '/' || path, digest, loaded_us FROM main.sandbox_load_history "
      "WHERE status <> 'LOAD_FAILED' AND table_id = " +
      number(table_id) + " ORDER BY loaded_us");
  for (const Row& row : known.rows) {
    const int64_t loaded_us = std::stoll(row[2].value_or("0"));
    if (!out.first_load_us) out.first_load_us = loaded_us;
    if (loaded_us > now_us - kLoadHistoryUs) out.digests[row[0].value_or("")] = row[1].value_or("");
  }
  return out;
}

std::string record_loads_sql(const std::vector<LoadRecord>& records, int64_t now_us) {
  std::string rows;
  for (const LoadRecord& record : records) {
    rows += (rows.empty() ? "(" : ", (") + number(record.table_id) + ", " + number(record.stage_id) + ", " +
            quote_text(record.stage_location) + ", " + quote_text(record.file.path) + ", " + quote_text(record.file.md5) + ", " +
            number(record.file.size) + ", " + number(now_us) + ", " + number(record.rows_loaded) + ", " + quote_text(record.status) + ", " +
            number(record.rows_parsed) + ", " + number(record.error_limit) + ", " + number(record.errors) + ", " +
            text_or_null(record.first_error) + ", " + (record.first_error_line > 0 ? number(record.first_error_line) : "NULL") + ", " +
            text_or_null(record.first_error_column) + ")";
  }
  return "INSERT INTO main.sandbox_load_history (table_id, stage_id, stage_location, path, digest, size, loaded_us, row_count, status, "
         "rows_parsed, error_limit, errors, first_error, first_error_line, first_error_column) VALUES " +
         rows;
}

std::string forget_loads_sql(int64_t table_id) { return "DELETE FROM main.sandbox_load_history WHERE table_id = " + number(table_id); }

std::string load_history_view(const std::string& where) {
  return "(SELECT *, make_timestamptz(loaded_us) AS loaded_at FROM main.sandbox_load_history WHERE " + where + ")";
}

}  // namespace imednet::sandbox::snowflake
