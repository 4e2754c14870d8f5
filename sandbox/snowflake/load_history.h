#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "identifier.h"
#include "session.h"
#include "stage_store.h"

namespace imednet::sandbox::snowflake {

// What each table has loaded, kept in the engine so that it commits and rolls back with the rows.
std::string create_load_history_sql();

inline constexpr int64_t kLoadHistoryUs = 64LL * 24 * 3600 * 1000000;

// Files of this table loaded in the last 64 days: path to digest.
std::map<std::string, std::string> loaded_files(Session& session, int64_t table_id, int64_t now_us);

// The statement that records a load.
std::string record_load_sql(int64_t table_id, int64_t stage_id, const std::string& stage_location, const StagedFile& file, long long rows,
                            int64_t now_us);
std::string forget_loads_sql(int64_t table_id);
// Where TRUNCATE happened: COPY_HISTORY hides what is older, LOAD_HISTORY and COPY forget it.
std::string load_history_view(const std::string& where);

}  // namespace imednet::sandbox::snowflake
