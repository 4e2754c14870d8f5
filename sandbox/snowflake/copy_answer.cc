// What COPY answers: one row a file, or one sentence.
#include <algorithm>

#include "copy_into.h"

namespace imednet::sandbox::snowflake {

StatementResult CopyInto::answer() const {
  const bool any = std::any_of(candidates_.begin(), candidates_.end(), [](const Candidate& one) { return one.status != "LOAD_SKIPPED"; });
  if (!any) return status_result("Copy executed with 0 files processed.", statement_type::kCopy);
  StatementResult out;
  out.type = statement_type::kCopy;
  out.result.columns = {text_column("file"),
                        text_column("status"),
                        number_column("rows_parsed"),
                        number_column("rows_loaded"),
                        number_column("error_limit"),
                        number_column("errors_seen"),
                        text_column("first_error"),
                        number_column("first_error_line"),
                        number_column("first_error_character"),
                        text_column("first_error_column_name")};
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Cell() : Cell(text); };
  for (const Candidate& one : candidates_) {
    const bool failed = one.status == "LOAD_FAILED" || one.status == "PARTIALLY_LOADED";
    if (statement_.return_failed_only && !failed) continue;
    const BadRow& first = one.first_error;
    const Cell line = first.number > 0 ? Cell(std::to_string(first.number)) : Cell();
    out.result.rows.push_back({to_lower(stage_.name.name) + "/" + one.file.path, one.status, std::to_string(one.rows),
                               std::to_string(one.loaded), std::to_string(one.error_limit), std::to_string(one.errors),
                               text_or_null(first.message), line, line ? Cell("1") : Cell(), text_or_null(first.column)});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
