#include "sinks/sql/rows_proof.h"

#include <fmt/format.h>

#include "imednet/errors.h"
#include "sinks/sql/wire.h"

namespace imednet::sinks::sql {
RowsProof::RowsProof(const staging::StagedFile& file, const table::Layout& layout, const Dialect& dialect)
    : file_(file), layout_(layout), dialect_(dialect), content_(layout.name, layout.version), hashed_(layout) {}

void RowsProof::take(const arrow::RecordBatch& answer) {
  const auto batch = from_wire(answer, layout_, dialect_);
  hashed_.open(*batch);
  for (std::int64_t i = 0; i < hashed_.size(); ++i) {
    const std::string_view hash = hashed_.stored(i);
    altered_ += hashed_.computed(i) == hash ? 0 : 1;
    content_.add(hash);
  }
  rows_ += hashed_.size();
}

void RowsProof::finish() {
  const std::string hash = content_.finish();
  if (rows_ == file_.rows && altered_ == 0 && hash == file_.content_hash) return;
  std::string cause = fmt::format("{} of its {} rows came back", rows_, file_.rows);
  if (altered_ > 0) cause += fmt::format(", {} of them with other values", altered_);
  if (rows_ == file_.rows && altered_ == 0) cause = "other rows than its own came back";
  throw errors::ExportError(fmt::format("cannot trust the batch {} in {}: {}", file_.batch_id, dialect_.title, cause),
                            {.code = errors::ErrorCode::counts_differ,
                             .hint = "nothing was changed; if it stays so, report it",
                             .origin = {.system = std::string(dialect_.system)}});
}

}  // namespace imednet::sinks::sql
