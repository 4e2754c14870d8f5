// load_history.h: what each table has loaded, kept in the engine so that it commits and rolls back with the rows.
//
// A file is known by its stage, path and digest for 64 days after it was loaded, whole or in part; one that failed is not. [doc; inferred:
// in part] INFORMATION_SCHEMA.LOAD_HISTORY and COPY_HISTORY look back 14 days. [doc]
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "identifier.h"
#include "session.h"
#include "stage_store.h"

namespace imednet::sandbox::snowflake {

inline constexpr int64_t kDayUs = 24LL * 3600 * 1000000;
inline constexpr int64_t kLoadHistoryUs = 64 * kDayUs;
inline constexpr int64_t kHistoryViewUs = 14 * kDayUs;

std::vector<std::string> create_load_history_sql();

struct LoadedFiles {
  std::map<std::string, std::string> digests;  // stage id/path, of the last 64 days
  std::optional<int64_t> first_load_us;        // of the table
};
LoadedFiles loaded_files(Session& session, int64_t table_id, int64_t now_us);

struct LoadRecord {
  int64_t table_id = 0;
  int64_t stage_id = 0;
  std::string stage_location;
  StagedFile file;
  std::string status;
  long long rows_parsed = 0;
  long long rows_loaded = 0;
  long long error_limit = 1;
  long long errors = 0;
  std::string first_error;
  long long first_error_line = 0;
  std::string first_error_column;
};
std::string record_loads_sql(const std::vector<LoadRecord>& records, int64_t now_us);

std::string forget_loads_sql(int64_t table_id);
// All of it, with loaded_at as a timestamp.
std::string load_history_view(const std::string& where);

}  // namespace imednet::sandbox::snowflake
