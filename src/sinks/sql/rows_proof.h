// rows_proof.h: whether the rows that a table gives back are those of a file, value by value.
//
// Rule:   of every row that is read back the hash is computed anew from its values, and of these hashes the file's. So it is the values in
// the table that
//         are judged, not what was written beside them.   Memory: one batch of the answer.
// Source: ADR 0032; docs/formats/records-layout.md ("Row hash").
#pragma once

#include <cstdint>

#include "sinks/sql/dialect.h"
#include "staging/content_hash.h"
#include "staging/staged_file.h"
#include "table/hashed_rows.h"

namespace arrow {
class RecordBatch;
}  // namespace arrow

namespace imednet::sinks::sql {

class RowsProof {
 public:
  // All of these outlive it.
  RowsProof(const staging::StagedFile& file, const table::Layout& layout, const Dialect& dialect);

  // Rows by rising record id, as the database answered.
  void take(const arrow::RecordBatch& answer);
  // After the last one. Throws ExportError (counts_differ).
  void finish();

 private:
  const staging::StagedFile& file_;
  const table::Layout& layout_;
  const Dialect& dialect_;
  staging::ContentHash content_;
  table::HashedRows hashed_;
  std::int64_t rows_ = 0, altered_ = 0;
};

}  // namespace imednet::sinks::sql
