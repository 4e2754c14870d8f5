#include "staging/file_study.h"

#include <arrow/array.h>
#include <arrow/chunked_array.h>
#include <arrow/table.h>
#include <fmt/format.h>

#include "imednet/errors.h"
#include "staging/file_columns_internal.h"

namespace imednet::staging {
namespace {

// One study key for all rows of the chunk; it is what the rows before had, when there were any.
void follow(const arrow::StringArray& keys, const std::filesystem::path& path, std::string& study, bool& has_rows) {
  for (std::int64_t row = 0; row < keys.length(); ++row) {
    if (!has_rows) study = keys.GetString(row);
    has_rows = true;
    if (keys.GetView(row) == study) continue;
    throw errors::ExportError(
        fmt::format("cannot load the file {}: it holds rows of several studies", path.string()),
        {.code = errors::ErrorCode::unsupported, .hint = "load such rows with the library's write_batch", .origin = {.system = "local"}});
  }
}

}  // namespace

std::string study_of_file(const std::filesystem::path& path) {
  std::string study;
  bool has_rows = false;
  read_columns(path, {"study_key"}, "read the study keys of a staged file", [&](const arrow::Table& rows) {
    for (const auto& chunk : rows.column(0)->chunks()) follow(static_cast<const arrow::StringArray&>(*chunk), path, study, has_rows);
  });
  return study;
}

}  // namespace imednet::staging
