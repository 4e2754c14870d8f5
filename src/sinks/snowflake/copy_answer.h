// copy_answer.h: what COPY INTO says about each file, in either of the shapes it has.
//
// Shapes: one row a file (file, status, rows_loaded, …), LOAD_SKIPPED rows for files loaded before, or a single column
//         "status" with "Copy executed with 0 files processed." Source: Snowflake COPY INTO <table>; ADR 0006.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "db/adbc.h"

namespace imednet::sinks::snowflake {

struct CopiedFile {
  std::string status;  // "LOADED", "LOAD_SKIPPED", …
  std::int64_t rows_loaded = 0;
};

// Files by path below the stage; `paths` are the ones that were asked for, others in the answer are a protocol error.
// A file without a row was not processed and is not in the result.
std::map<std::string, CopiedFile, std::less<>> read_copy_answer(const db::Answer& answer, const std::vector<std::string>& paths);

// The position in `paths` of the file that an error text of COPY names; nullopt when it names none.
std::optional<std::size_t> file_named_in(std::string_view error_text, const std::vector<std::string>& paths);

}  // namespace imednet::sinks::snowflake
