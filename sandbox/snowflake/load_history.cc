#include "load_history.h"

namespace imednet::sandbox::snowflake {

std::string create_load_history_sql() {
  return "CREATE TABLE IF NOT EXISTS main.sandbox_load_history (table_id BIGINT, stage_id BIGINT, stage_location VARCHAR, path VARCHAR, "
         "digest VARCHAR, size BIGINT, loaded_us BIGINT, row_count BIGINT)";
}

std::map<std::string, std::string> loaded_files(Session& session, int64_t table_id, int64_t now_us) {
  std::map<std::string, std::string> out;
  const ResultSet known =
      session.query("SELECT CAST(stage_id AS VARCHAR) || '/' || path, digest FROM main.sandbox_load_history WHERE table_id = " +
                    std::to_string(table_id) + " AND loaded_us > " + std::to_string(now_us - kLoadHistoryUs) + " ORDER BY loaded_us");
  for (const Row& row : known.rows) out[row[0].value_or("")] = row[1].value_or("");
  return out;
}

std::string record_load_sql(int64_t table_id, int64_t stage_id, const std::string& stage_location, const StagedFile& file, long long rows,
                            int64_t now_us) {
  return "INSERT INTO main.sandbox_load_history VALUES (" + std::to_string(table_id) + ", " + std::to_string(stage_id) + ", " +
         quote_text(stage_location) + ", " + quote_text(file.path) + ", " + quote_text(file.md5) + ", " + std::to_string(file.size) + ", " +
         std::to_string(now_us) + ", " + std::to_string(rows) + ")";
}

std::string forget_loads_sql(int64_t table_id) {
  return "DELETE FROM main.sandbox_load_history WHERE table_id = " + std::to_string(table_id);
}

std::string load_history_view(const std::string& where) {
  return "(SELECT table_id, stage_location, path, digest, size, make_timestamptz(loaded_us) AS loaded_at, loaded_us, row_count "
         "FROM main.sandbox_load_history WHERE " +
         where + ")";
}

}  // namespace imednet::sandbox::snowflake
