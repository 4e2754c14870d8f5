#include "sinks/snowflake/copy_answer.h"

#include <fmt/format.h>

#include "imednet/errors.h"

namespace imednet::sinks::snowflake {
namespace {

// The answer's name may have the stage's name or a store's address before the path.
bool is_name_of(std::string_view name, std::string_view path) {
  return name == path || (name.size() > path.size() && name.ends_with(path) && name[name.size() - path.size() - 1] == '/');
}

}  // namespace

std::map<std::string, CopiedFile, std::less<>> read_copy_answer(const db::Answer& answer, const std::vector<std::string>& paths) {
  std::map<std::string, CopiedFile, std::less<>> files;
  if (!answer.find("file")) {
    if (answer.find("status")) return files;  // "Copy executed with 0 files processed."
    throw ImednetError("cannot read COPY's answer: it has neither file nor status",
                       {.code = errors::ErrorCode::protocol, .origin = {.system = "snowflake"}});
  }
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    const std::string name = answer.at(row, "file").value_or("");
    bool is_ours = false;
    for (const std::string& path : paths) {
      if (!is_name_of(name, path)) continue;
      files[path] = {answer.at(row, "status").value_or(""), answer.number(row, "rows_loaded")};
      is_ours = true;
      break;
    }
    if (!is_ours) {
      throw ImednetError("cannot read COPY's answer: it names a file that was not asked for",
                         {.code = errors::ErrorCode::protocol, .retry = errors::RetryClass::reconcile, .origin = {.system = "snowflake"}});
    }
  }
  return files;
}

std::optional<std::size_t> file_named_in(std::string_view error_text, const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (error_text.find(paths[i]) != std::string_view::npos) return i;
  }
  return std::nullopt;
}

}  // namespace imednet::sinks::snowflake
