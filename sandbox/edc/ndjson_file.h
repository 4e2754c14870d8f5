#pragma once

#include <filesystem>
#include <vector>

#include "sandbox/edc/stored_table.h"

namespace imednet::sandbox::edc {

// The lines of `<folder>/<name>.ndjson` or `<name>.ndjson.gz` as rows, every byte kept; no rows when there is neither file.
// Throws std::runtime_error for a file that cannot be read or a line that is no JSON object.
std::vector<Row> read_ndjson(const std::filesystem::path& folder, std::string_view name);

// The same rows with the top-level studyKey replaced.
std::vector<Row> with_study_key(const std::vector<Row>& rows, std::string_view study_key);

}  // namespace imednet::sandbox::edc
