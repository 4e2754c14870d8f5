// arrow_input.h: a user's own Arrow rows, brought into the `records` layout or refused.
#pragma once

#include <arrow/type_fwd.h>

#include <memory>

namespace imednet::table {

// Columns are matched by exact name, in any order; a nullable one that is missing becomes null, an unknown name, a wrong
// type or a null where none may be is refused (ExportError, schema_mismatch). Exactly one of record_data and
// record_data_raw may be set in a row; which one the result sets is our own check's choice. `_row_hash` is computed; when
// it was given it must be the same (ExportError, corrupt). The whole batch is copied: hand large ones over in slices.
std::shared_ptr<arrow::RecordBatch> to_records_layout(const arrow::RecordBatch& batch);

}  // namespace imednet::table
