// study_preview.cc: what StudyWork::apply would count, found out without a write.
#include "sinks/sql/study_work.h"
#include "staging/file_hashes.h"

namespace imednet::sinks::sql {
namespace {

// The rows of one id that stand in the table.
struct Standing {
  std::int64_t rows = 0, live = 0, equal = 0;  // equal: live, with the file's hash
};

}  // namespace

// Rows of the file and of the table by rising id.
void StudyWork::preview_file(const Step& step, LoadResult& result) {
  const db::Answer there = session_.run_rows(statements_.standing_rows(read_.study, step.around), "preview");
  staging::FileHashes file(step.file->path, statements_.layout());
  bool has_row = file.next();
  for (std::size_t row = 0; has_row || row < there.rows.size();) {
    const bool is_in_file = has_row && (row == there.rows.size() || file.id() <= there.number(row, "record_id"));
    const std::int64_t id = is_in_file ? file.id() : there.number(row, "record_id");
    Standing standing;
    for (; row < there.rows.size() && there.number(row, "record_id") == id; ++row) {
      const bool is_live = there.number(row, "is_live") == 1;
      ++standing.rows;
      standing.live += is_live ? 1 : 0;
      standing.equal += is_live && is_in_file && there.at(row, "row_hash").value_or("") == file.stored() ? 1 : 0;
    }
    if (!is_in_file) {
      if (standing.live > 0) gone_.push_back(id);
      continue;
    }
    ++(standing.rows == 0 ? result.inserted : standing.rows == 1 && standing.equal == 1 ? result.unchanged : result.updated);
    has_row = file.next();
  }
}

LoadResult StudyWork::preview(const LoadPlan& plan, LoadMethod method) {
  LoadResult result{.method = method, .outcomes = {}, .before = plan.forms};
  if (method == LoadMethod::nothing) return result;
  for (const Step& step : steps(plan, method)) {
    if (method == LoadMethod::merge) {
      preview_file(step, result);
    } else {
      result.inserted += step.file->rows;
    }
  }
  if (method == LoadMethod::merge) find_vanished_at_the_ends(plan);
  result.vanished = static_cast<std::int64_t>(gone_.size());
  return result;
}

}  // namespace imednet::sinks::sql
