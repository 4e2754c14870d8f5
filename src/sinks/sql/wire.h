// wire.h: rows as a database's driver takes them, and its answers as the layout's rows again.
//
// Rule:   SQLite has no stamps and no dates: they go there as "2026-01-31 12:00:00", with microseconds where there are any, and
// "2026-01-31". PostgreSQL has no U+0000 in a text: in a
//         text that holds one, or the six characters \u0000, each U+0000 becomes \u0000 and each backslash two, so that nothing is lost and
//         it can be told what was there; other texts, and JSON, stay as they are.
// Memory: one row group of a file.   Errors: as staging::FileBatches; ImednetError protocol for an answer of other types.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "sinks/sql/dialect.h"
#include "staging/staged_file.h"

namespace arrow {
class RecordBatch;
class RecordBatchReader;
}  // namespace arrow

namespace imednet::sinks::sql {

// The file's rows. `escaped` counts the texts that were changed; it and the layout outlive the stream.
std::shared_ptr<arrow::RecordBatchReader> wire_rows(const std::filesystem::path& file, const table::Layout& layout, const Dialect& dialect,
                                                    std::int64_t& escaped);

// An answer to Statements::rows_between().
std::shared_ptr<arrow::RecordBatch> from_wire(const arrow::RecordBatch& answer, const table::Layout& layout, const Dialect& dialect);

std::string escape_nul(std::string_view text);
std::string unescape_nul(std::string_view text);

}  // namespace imednet::sinks::sql
